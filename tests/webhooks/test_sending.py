"""One attempt against real sockets: what is sent, how far it goes, and what ends it."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

from tests.webhooks.base import LOCAL, leading_to
from tests.webhooks.certificates import make_authority
from tests.webhooks.receiver import LOOPBACK, Receiver, receiving
from token_payments.webhooks import sending
from token_payments.webhooks.addresses import Target, read_url
from token_payments.webhooks.sending import ReceiverAnswer, post

HEADERS = {"webhook-id": "evt_1"}
NAME = "receiver.test"


@contextmanager
def serving(talk: Callable[[socket.socket], None]) -> Iterator[Target]:
    """A server that does as it likes with each connection."""
    server = socket.create_server((LOOPBACK, 0))

    def run() -> None:
        while True:
            try:
                connection, _ = server.accept()
            except OSError:
                return
            with connection:
                try:
                    talk(connection)
                except OSError:
                    continue

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        yield Target("http", LOOPBACK, server.getsockname()[1], "/")
    finally:
        server.shutdown(socket.SHUT_RDWR)
        server.close()
        thread.join(timeout=5)


def test_what_is_sent(receiver: Receiver) -> None:
    assert post(read_url(receiver.url), b'{"a":"\xc3\xa9"}', HEADERS) == ReceiverAnswer(204)
    [got] = receiver.got
    assert (got.path, got.body) == ("/hook?from=tests", '{"a":"é"}')
    assert got.headers["webhook-id"] == "evt_1"
    assert got.headers["content-type"] == "application/json"
    assert got.headers["host"] == f"{LOOPBACK}:{receiver.port}"
    assert "cookie" not in got.headers
    assert "authorization" not in got.headers


def test_refusals_keep_the_beginning_of_what_is_said(receiver: Receiver) -> None:
    secret = "whsec_" + "A" * 40
    receiver.refuse(422, b"no\x00 such\r\nthing " + secret.encode() + b" " + b"x" * 10_000)
    answer = post(read_url(receiver.url), b"{}", HEADERS)
    assert (answer.status, answer.problem) == (422, "status")
    assert answer.excerpt.startswith("no such thing … xxx")
    assert len(answer.excerpt) == 500


def test_redirects_arent_followed(receiver: Receiver) -> None:
    with receiving() as other:
        receiver.headers = {"Location": other.url}
        receiver.refuse(307, b"")
        assert post(read_url(receiver.url), b"{}", HEADERS) == ReceiverAnswer(307, "redirect")
        assert other.got == []


def test_no_proxy_of_the_environment_is_asked(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, f"http://{LOOPBACK}:9")
    assert post(read_url(receiver.url), b"{}", HEADERS).status == 204


def test_the_loopback_is_refused_without_the_setting(receiver: Receiver, settings: Any) -> None:
    target = read_url(receiver.url)
    settings.TOKEN_PAYMENTS = {**settings.TOKEN_PAYMENTS, "WEBHOOK_NETWORKS": []}
    assert post(target, b"{}", HEADERS) == ReceiverAnswer(problem="address")
    assert receiver.got == []


def test_a_name_that_changes_is_looked_up_once(receiver: Receiver, settings: Any) -> None:
    """DNS rebinding: good at the first look, the loopback at the second."""
    settings.TOKEN_PAYMENTS = {**settings.TOKEN_PAYMENTS, "WEBHOOK_NETWORKS": []}
    looks = []

    def resolve(host: str, port: int, **more: Any) -> Any:
        looks.append(host)
        return leading_to("192.88.98.1" if len(looks) == 1 else LOOPBACK)(host, port)

    went: list[Any] = []

    def connect(address: Any, *_: Any, **__: Any) -> Any:
        went.append(address)
        raise ConnectionRefusedError

    target = Target("http", NAME, receiver.port, "/")
    with (
        patch.object(socket, "getaddrinfo", resolve),
        patch.object(socket, "create_connection", connect),
    ):
        answer = post(target, b"{}", HEADERS, resolve=resolve)
    assert answer == ReceiverAnswer(problem="connection")
    assert looks == [NAME]
    assert went == [("192.88.98.1", receiver.port)]
    assert receiver.got == []


def test_the_next_address_is_tried_when_one_takes_no_connection(receiver: Receiver) -> None:
    target = Target("http", NAME, receiver.port, "/")
    both = leading_to("127.0.0.2", LOOPBACK)
    assert post(target, b"{}", HEADERS, resolve=both).status == 204
    assert receiver.got[0].headers["host"] == f"{NAME}:{receiver.port}"


def test_nobody_there(settings: Any) -> None:
    settings.TOKEN_PAYMENTS = {**settings.TOKEN_PAYMENTS, **LOCAL}
    with socket.create_server((LOOPBACK, 0)) as server:
        port = server.getsockname()[1]
    answer = post(Target("http", LOOPBACK, port, "/"), b"{}", HEADERS)
    assert answer == ReceiverAnswer(problem="connection")


def drip_headers(connection: socket.socket) -> None:
    connection.recv(65536)
    connection.sendall(b"HTTP/1.1 200 OK\r\nX: ")
    while True:
        connection.sendall(b"x")
        time.sleep(0.1)


def drip_body(connection: socket.socket) -> None:
    connection.recv(65536)
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
    while True:
        connection.sendall(b"x")
        time.sleep(0.1)


def continue_for_ever(connection: socket.socket) -> None:
    connection.recv(65536)
    while True:
        connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
        time.sleep(0.05)


def say_nothing(connection: socket.socket) -> None:
    connection.recv(65536)
    time.sleep(5)


@pytest.mark.parametrize("talk", [drip_headers, drip_body, continue_for_ever, say_nothing])
def test_a_receiver_that_takes_its_time_is_cut(
    talk: Callable[[socket.socket], None], settings: Any
) -> None:
    settings.TOKEN_PAYMENTS = {**settings.TOKEN_PAYMENTS, **LOCAL}
    with serving(talk) as target:
        begun = time.monotonic()
        answer = post(target, b"{}", HEADERS, timeout=1)
        assert time.monotonic() - begun < 3
    assert answer.problem == "timeout"


def test_an_endless_answer_is_read_to_a_limit(settings: Any) -> None:
    settings.TOKEN_PAYMENTS = {**settings.TOKEN_PAYMENTS, **LOCAL}
    sent = []

    def flood(connection: socket.socket) -> None:
        connection.recv(65536)
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            connection.sendall(b"y" * 65536)
            sent.append(1)

    with serving(flood) as target:
        answer = post(target, b"{}", HEADERS, timeout=5)
    assert (answer.status, answer.problem) == (200, "")
    assert len(answer.excerpt) == 500
    assert len(sent) < 200


@pytest.mark.parametrize("said", [b"SSH-2.0-OpenSSH_9.6\r\n", b"", b"HTTP/1.1 2x0 OK\r\n\r\n"])
def test_what_isnt_http_is_told_so_and_not_shown(said: bytes, settings: Any) -> None:
    settings.TOKEN_PAYMENTS = {**settings.TOKEN_PAYMENTS, **LOCAL}

    def talk(connection: socket.socket) -> None:
        connection.recv(65536)
        connection.sendall(said)

    with serving(talk) as target:
        answer = post(target, b"{}", HEADERS)
    assert (answer.status, answer.excerpt) == (None, "")
    assert answer.problem in ("answer", "connection")


def test_tls_verifies_the_name_and_not_the_address(settings: Any, tmp_path: Path) -> None:
    settings.TOKEN_PAYMENTS = {**settings.TOKEN_PAYMENTS, **LOCAL}
    server, client = make_authority(tmp_path, NAME)
    with receiving(server) as receiver, patch.object(sending, "_trust", lambda: client):
        resolve = leading_to(LOOPBACK)
        right = Target("https", NAME, receiver.port, "/")
        wrong = Target("https", "other.test", receiver.port, "/")
        assert post(right, b"{}", HEADERS, resolve=resolve).status == 204
        assert post(wrong, b"{}", HEADERS, resolve=resolve) == ReceiverAnswer(problem="tls")
        assert [got.headers["host"] for got in receiver.got] == [f"{NAME}:{receiver.port}"]


def test_an_authority_that_nobody_knows_is_refused(settings: Any, tmp_path: Path) -> None:
    settings.TOKEN_PAYMENTS = {**settings.TOKEN_PAYMENTS, **LOCAL}
    server, _client = make_authority(tmp_path, NAME)
    with receiving(server) as receiver:
        target = Target("https", NAME, receiver.port, "/")
        answer = post(target, b"{}", HEADERS, resolve=leading_to(LOOPBACK))
    assert answer == ReceiverAnswer(problem="tls")
    assert receiver.got == []


def test_trust_asks_for_a_certificate_and_its_name() -> None:
    context = sending._trust()
    assert context.verify_mode == ssl.CERT_REQUIRED
    assert context.check_hostname
