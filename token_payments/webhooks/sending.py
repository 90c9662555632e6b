"""One POST to one receiver: to the address that was looked at, for so long, and no further.

No proxy of the environment is asked, no redirect followed, no cookie kept. By the standard
library's HTTP on a connection of our own: what clients above it offer, the address to connect to
can't be given apart from the name.
"""

from __future__ import annotations

import http.client
import re
import socket
import ssl
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache

import certifi

from token_payments.webhooks.addresses import (
    Address,
    AddressRefused,
    Resolver,
    Target,
    list_addresses,
)
from token_payments.webhooks.models import DeliveryProblem

CONNECT_TIMEOUT = 5.0  # seconds, for each of the addresses
MAX_ADDRESSES = 3
TIMEOUT = 15.0  # seconds for one attempt as a whole, once the name is looked up
MAX_READ = 4096  # bytes of an answer
MAX_EXCERPT = 500  # characters that are kept
USER_AGENT = "token-payments-webhooks/1"
SUCCESS, REDIRECTS = range(200, 300), range(300, 400)
SECRET = re.compile(r"whsec_[\w+/=-]+|v1,[\w+/=]{20,}")


@dataclass(frozen=True)
class ReceiverAnswer:
    """The outcome of one attempt: ``status`` None without an answer, ``problem`` "" for success."""

    status: int | None = None
    problem: str = ""
    excerpt: str = ""


def post(
    target: Target,
    body: bytes,
    headers: Mapping[str, str],
    *,
    resolve: Resolver = socket.getaddrinfo,
    timeout: float = TIMEOUT,
) -> ReceiverAnswer:
    """Send it once. Whatever the receiver does is told by the answer, and raises nothing."""
    try:
        addresses = list_addresses(target, resolve=resolve)
    except AddressRefused:
        return ReceiverAnswer(problem=DeliveryProblem.ADDRESS)
    ends = time.monotonic() + timeout
    try:
        with _connect(addresses, target.port, ends) as raw, _cut_at(raw, ends):
            answer = _exchange(raw, target, body, headers)
    except ssl.SSLCertVerificationError:
        return ReceiverAnswer(problem=DeliveryProblem.TLS)
    except (OSError, http.client.HTTPException, ValueError) as error:
        return ReceiverAnswer(problem=_name(error, is_late=time.monotonic() >= ends))
    # what was cut off looks like the end of an answer
    return answer if time.monotonic() < ends else ReceiverAnswer(problem=DeliveryProblem.TIMEOUT)


def _connect(addresses: Sequence[Address], port: int, ends: float) -> socket.socket:
    """A connection to the first that takes one. Raises what the last one raised."""
    error: OSError = TimeoutError()
    for address in addresses[:MAX_ADDRESSES]:
        left = ends - time.monotonic()
        if left <= 0:
            break
        try:
            return socket.create_connection((str(address), port), min(CONNECT_TIMEOUT, left))
        except OSError as found:
            error = found
    raise error


@contextmanager
def _cut_at(raw: socket.socket, ends: float) -> Iterator[None]:
    """End the connection then, whatever is going on: a timeout of a socket begins anew with each
    byte, and a receiver could send one every few seconds for ever.
    """
    ours = raw.dup()

    def cut() -> None:
        with suppress(OSError):
            ours.shutdown(socket.SHUT_RDWR)

    timer = threading.Timer(max(0.0, ends - time.monotonic()), cut)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        timer.join()
        ours.close()


def _exchange(
    raw: socket.socket, target: Target, body: bytes, headers: Mapping[str, str]
) -> ReceiverAnswer:
    raw.settimeout(TIMEOUT)
    connection: http.client.HTTPConnection
    if target.scheme == "https":
        connection = http.client.HTTPSConnection(target.host, target.port, context=_trust())
        connection.sock = _trust().wrap_socket(raw, server_hostname=target.host)
    else:
        connection = http.client.HTTPConnection(target.host, target.port)
        connection.sock = raw
    connection.auto_open = 0  # never to an address that was not checked
    try:
        sent = {
            "Content-Type": "application/json",
            "User-Agent": USER_AGENT,
            "Connection": "close",
            **headers,
        }
        connection.request("POST", target.path, body=body, headers=sent)
        response = connection.getresponse()
        excerpt = tidy(response.read(MAX_READ))
        return ReceiverAnswer(response.status, _judge(response.status), excerpt)
    finally:
        connection.close()


def tidy(said: bytes) -> str:
    """The beginning of an answer in one line that can be kept: no secret, no control character."""
    text = SECRET.sub("…", said.decode("utf-8", "replace"))
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return line[:MAX_EXCERPT]


def _judge(status: int) -> str:
    if status in SUCCESS:
        return ""
    return DeliveryProblem.REDIRECT if status in REDIRECTS else DeliveryProblem.STATUS


def _name(error: Exception, *, is_late: bool) -> str:
    if is_late or isinstance(error, TimeoutError):
        return DeliveryProblem.TIMEOUT
    if isinstance(error, ssl.SSLError):
        return DeliveryProblem.TLS
    if isinstance(error, ConnectionError | socket.gaierror) or type(error) is OSError:
        return DeliveryProblem.CONNECTION
    return DeliveryProblem.ANSWER


@cache
def _trust() -> ssl.SSLContext:
    """The authorities of the machine (SSL_CERT_FILE, too) and those of certifi."""
    context = ssl.create_default_context()
    context.load_verify_locations(certifi.where())
    return context
