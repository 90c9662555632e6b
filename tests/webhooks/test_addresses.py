"""Which addresses are refused: by their form, and by what their names lead to."""

from __future__ import annotations

import socket
from ipaddress import ip_address
from typing import Any

import pytest

from tests.webhooks.base import leading_to
from token_payments.errors import EndpointRefused
from token_payments.webhooks.addresses import (
    AddressRefused,
    Target,
    is_allowed,
    list_addresses,
    read_url,
)

TARGET = Target("https", "hooks.example.com", 443, "/")
REFUSED = (
    *("127.0.0.1", "127.255.255.254", "0.0.0.0", "10.0.0.1", "172.16.0.1", "172.31.255.255"),
    *("192.168.1.1", "169.254.169.254", "169.254.170.2", "100.64.0.1", "100.100.100.200"),
    *("192.0.0.192", "192.0.2.1", "198.18.0.1", "198.51.100.7", "203.0.113.9", "224.0.0.1"),
    *("239.255.255.250", "240.0.0.1", "255.255.255.255", "168.63.129.16", "192.88.99.1"),
    *("::", "::1", "fe80::1", "fe80::1%eth0", "fc00::1", "fd00:ec2::254", "fec0::1", "ff02::1"),
    *("::127.0.0.1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254"),
    *("::ffff:0:127.0.0.1", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::a00:1"),
    *("2002:7f00:1::", "2002:a00:1::1", "2001:0:4136:e378:8000:63bf:3fff:fdd2", "2001:db8::1"),
    *("3fff::1", "5f00::1", "4000::1", "100::1", "2001:2::1", "2001:10::1"),
)
ALLOWED = ("93.184.216.34", "1.1.1.1", "2606:4700:4700::1111", "64:ff9b::101:101", "::ffff:1.1.1.1")
BAD_URLS = {
    "ftp://example.com/": "scheme",
    "http://example.com/": "scheme",
    "file:///etc/passwd": "scheme",
    "gopher://127.0.0.1:25/_x": "scheme",
    "//example.com/": "scheme",
    "https:///path": "not_a_url",
    "https://": "not_a_url",
    "https://user:pass@example.com/": "credentials",
    "https://example.com@127.0.0.1/": "credentials",
    "https://@example.com/": "credentials",
    "https://example.com:22/": "port",
    "https://example.com:0/": "port",
    "https://example.com:99999/": "not_a_url",
    "https://example.com:x/": "not_a_url",
    "https://127.0.0.1/": "address",
    "https://[::1]/": "address",
    "https://[::ffff:169.254.169.254]/": "address",
    "https://[fe80::1%25eth0]/": "not_a_url",
    "https://[::1/": "not_a_url",
    "https://exa mple.com/": "not_a_url",
    "https://example.com/\r\nX: 1": "not_a_url",
    "https://example.com\t.evil.test/": "not_a_url",
    "https://example.com\\@127.0.0.1/": "not_a_url",
    "https://example.com/#part": "not_a_url",
    "https://münchen.example/": "not_a_url",
    "https://exam%70le.com/": "not_a_url",
    "https://example.com/" + "x" * 500: "too_long",
}


@pytest.mark.parametrize("address", REFUSED)
def test_what_isnt_on_the_internet_is_refused(address: str) -> None:
    assert not is_allowed(ip_address(address))
    with pytest.raises(AddressRefused):
        list_addresses(TARGET, resolve=leading_to(address))


@pytest.mark.parametrize("address", ALLOWED)
def test_what_is_on_the_internet_is_allowed(address: str) -> None:
    assert list_addresses(TARGET, resolve=leading_to(address)) == [ip_address(address)]


def test_one_bad_address_among_good_ones_is_enough() -> None:
    with pytest.raises(AddressRefused):
        list_addresses(TARGET, resolve=leading_to("1.1.1.1", "2606:4700:4700::1111", "10.0.0.1"))


def test_a_name_that_leads_nowhere_is_refused_in_the_same_way() -> None:
    def resolve(*_: Any, **__: Any) -> Any:
        raise socket.gaierror(-2, "unknown")

    with pytest.raises(AddressRefused):
        list_addresses(TARGET, resolve=resolve)
    with pytest.raises(AddressRefused):
        list_addresses(TARGET, resolve=lambda *_, **__: [])


@pytest.mark.parametrize("host", ["2130706433", "0x7f000001", "127.1", "017700000001", "localhost"])
def test_odd_ways_to_write_the_loopback_lead_there(host: str) -> None:
    """Whatever the system's resolver makes of them is looked at."""
    with pytest.raises(AddressRefused):
        list_addresses(Target("https", host, 443, "/"))


@pytest.mark.parametrize(("url", "reason"), BAD_URLS.items())
def test_addresses_of_another_form_are_refused(url: str, reason: str) -> None:
    with pytest.raises(EndpointRefused) as refusal:
        read_url(url)
    assert refusal.value.reason == reason


def test_the_parts_of_an_address() -> None:
    read = read_url("https://Hooks.Example.com.:8443/a/b?c=d")
    assert read == Target("https", "hooks.example.com", 8443, "/a/b?c=d")
    assert read_url("https://hooks.example.com") == TARGET
    assert read_url("https://[2606:4700:4700::1111]/").host == "2606:4700:4700::1111"


def test_settings_allow_networks_plain_http_and_ports(settings: Any) -> None:
    settings.TOKEN_PAYMENTS = {
        **settings.TOKEN_PAYMENTS,
        "WEBHOOK_NETWORKS": ["10.1.0.0/16", "fd12::/16"],
        "WEBHOOK_PLAIN_HTTP": True,
        "WEBHOOK_PORTS": [9000],
    }
    assert is_allowed(ip_address("10.1.2.3"))
    assert is_allowed(ip_address("::ffff:10.1.2.3"))
    assert is_allowed(ip_address("fd12::1"))
    assert not is_allowed(ip_address("10.2.0.1"))
    assert not is_allowed(ip_address("127.0.0.1"))
    assert read_url("http://10.1.2.3:9000/").port == 9000
    assert read_url("http://10.1.2.3/").port == 80
    with pytest.raises(EndpointRefused):
        read_url("http://10.1.2.3:8443/")
