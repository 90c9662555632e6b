"""Where events may be sent: the form of an address, and what its name leads to.

An entered address makes the site's servers connect to it, from inside of its network. So a
name is looked up here, every address that it leads to is looked at, and the connection is made to
what was looked at: a name that leads elsewhere the next time changes nothing.
"""

from __future__ import annotations

import re
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Any
from urllib.parse import urlsplit

from token_payments import conf
from token_payments.errors import EndpointRefused
from token_payments.webhooks.models import MAX_URL

Address = IPv4Address | IPv6Address
Resolver = Callable[..., Sequence[tuple[Any, ...]]]

PRINTABLE = re.compile(r"[!-~]+")
NAME = re.compile(r"[a-z0-9._:-]+")
DEFAULT_PORTS = {"https": 443, "http": 80}
MAX_PORT = 65535
#: What the internet routes; all else of IPv6 is for a network of its own.
GLOBAL_UNICAST = ip_network("2000::/3")
NAT64 = IPv6Network("64:ff9b::/96")
#: Ranges that the standard library, or an older one, takes for public: ways from IPv6 into any IPv4
#: network, what the protocols themselves use, a cloud's own services, and examples.
REFUSED = tuple(
    map(
        ip_network,
        (
            *("192.0.0.0/24", "192.88.99.0/24", "168.63.129.16/32", "2001::/23", "2002::/16"),
            *("64:ff9b:1::/48", "3ffe::/16", "2001:db8::/32", "3fff::/20", "5f00::/16"),
        ),
    )
)
LAST = 32  # bits of an IPv6 address that can hold an IPv4 one


class AddressRefused(Exception):
    """The name leads to nothing that may be reached, or to nothing."""


@dataclass(frozen=True)
class Target:
    """An address in its parts: ``path`` with what follows the question mark."""

    scheme: str
    host: str
    port: int
    path: str


def read_url(url: str) -> Target:
    """The parts of an address of the form that is allowed; nothing is looked up.

    Raises EndpointRefused: not_a_url, scheme, credentials, port, address, or too_long.
    """
    if len(url) > MAX_URL:
        raise EndpointRefused("too_long")
    if not PRINTABLE.fullmatch(url) or "\\" in url or "#" in url:
        raise EndpointRefused("not_a_url")
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").rstrip("."), parts.port
    except ValueError as error:
        raise EndpointRefused("not_a_url") from error
    if parts.scheme not in ("https", *(("http",) if conf.webhooks_may_be_plain() else ())):
        raise EndpointRefused("scheme")
    if parts.username is not None or parts.password is not None:
        raise EndpointRefused("credentials")
    if not NAME.fullmatch(host):
        raise EndpointRefused("not_a_url")
    port = DEFAULT_PORTS[parts.scheme] if port is None else port
    allowed = conf.webhook_ports()
    if not 1 <= port <= MAX_PORT or (
        allowed and port not in (*allowed, DEFAULT_PORTS[parts.scheme])
    ):
        raise EndpointRefused("port")
    literal = _read_address(host)
    if literal is not None and not is_allowed(literal):
        raise EndpointRefused("address")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(parts.scheme, host, port, path)


def list_addresses(target: Target, *, resolve: Resolver = socket.getaddrinfo) -> list[Address]:
    """The addresses of the name, all of which may be connected to.

    Raises AddressRefused if one of them may not be, or there is none.
    """
    try:
        found = resolve(target.host, target.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise AddressRefused(target.host) from error
    addresses = [ip_address(entry[4][0]) for entry in found]
    unique = list(dict.fromkeys(addresses))
    if not unique or not all(map(is_allowed, unique)):
        raise AddressRefused(target.host)
    return unique


def is_allowed(address: Address) -> bool:
    """Whether it is on the internet, or in a network of WEBHOOK_NETWORKS."""
    inner = _unwrap(address)
    allowed = [ip_network(text) for text in conf.webhook_networks()]
    return any(inner in network for network in allowed) or _is_public(inner)


def _is_public(address: Address) -> bool:
    if isinstance(address, IPv6Address) and address not in GLOBAL_UNICAST:
        return False
    if not address.is_global or address.is_multicast or address.is_reserved:
        return False
    return not any(address in network for network in REFUSED)


def _unwrap(address: Address) -> Address:
    """The IPv4 address that an IPv6 one stands for, mapped or through NAT64; else itself."""
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is not None:
            return address.ipv4_mapped
        if address in NAT64:
            return IPv4Address(int(address) & (2**LAST - 1))
    return address


def _read_address(host: str) -> Address | None:
    try:
        return ip_address(host)
    except ValueError:
        return None
