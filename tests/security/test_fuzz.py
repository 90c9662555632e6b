"""Requests that make no sense, to every page and endpoint: each is answered, none by an error page.

What somebody would send, with parts replaced by what nobody sends: halves of characters, NUL, deep
nesting, other types, huge numbers. ``make test`` sends some hundred; ``make test-fuzz`` 20,000.
Which are sent follows from a seed, which a failure names: TOKEN_PAYMENTS_FUZZ_SEED repeats it.
"""

from __future__ import annotations

import json
import logging
import os
import random
from collections.abc import Callable
from copy import deepcopy
from http import HTTPStatus
from typing import Any

from django.db import transaction

from tests import factories
from tests.rest_api.base import ApiClient
from tests.rest_api.matrix import CALLS
from tests.rest_api.matrix_base import MatrixCase
from tests.security.addresses import list_addresses
from tests.security.base import EveryAddress
from tests.security.portal_base import PortalPages
from token_payments.portal import urls as portal_urls

REQUESTS = int(os.environ.get("TOKEN_PAYMENTS_FUZZ", "400"))  # in all, of the three kinds
SEED = int(os.environ.get("TOKEN_PAYMENTS_FUZZ_SEED", "2026"))

DEEP: Any = 0
for _ in range(200):
    DEEP = [DEEP, {"a": DEEP}] if _ % 50 == 0 else [DEEP]
TEXTS = (
    *("", " ", "\0", "a\0b", "\ud800", "a\udfffb", "\ufeff", "\u202e", "\x85", "\n\r\t", "\\"),
    *("null", "None", "NaN", "Infinity", "-0", "1e999", "0x10", "1_000", "\u0663", "\u00b2"),
    *("-1", "2147483648", "9223372036854775808", "1" + "0" * 40, "9" * 5000, "1.5", "1,5"),
    *("2026-02-30", "0000-00-00", "9999-12-31", "10000-01-01", "2026-12-01T25:61", "24:00"),
    *("\U0001f4a5" * 70, "x" * 70_000, "%", "%00", "' OR 1=1 --", "<script>", "{{7*7}}", "../../x"),
    *("a@b", "@", "a@" + "b" * 300 + ".com", '"a b"@x.org', "a\r\nBcc: b@c.de", "[]", "{}"),
    *("course-v1:A+B+C", "course-v1:", "TO-000001", "XXXX-XXXX-XXXX-XXXXX", "https://[", "//x"),
)
VALUES = (
    *TEXTS,
    *(None, True, False, 0, -1, 1.5, 1e308, -0.0, 2**31, 2**63, 2**64, 10**400, 10**4000),
    *(
        [],
        {},
        [[]],
        [None],
        {"": ""},
        {"\ud800": 1},
        {"a\0": 1},
        DEEP,
        ["x"] * 3000,
        [[1] * 50] * 50,
    ),
)

QUERIES = (
    *("q", "page", "cursor", "ordering", "status", "account", "limit", "after", "item", "o"),
    *("created_after", "id", "e", "p", "all", "learner", "state", "kind", "from", "until"),
)


class Fuzz:
    """What is replaced in which request: one for each number, the same on every machine."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.random = random.Random(f"{SEED}/{number}")

    def spoil(self, body: Any) -> Any:
        """The body with one to three parts of it replaced, removed or added, or all of it."""
        if self.random.random() < 0.05:
            return self.value()
        spoilt = {"body": json.loads(json.dumps(body, default=str))}
        for _ in range(self.random.randint(1, 3)):
            self._spoil_once(spoilt)
        return spoilt["body"]

    def spoil_form(self, form: dict[str, Any]) -> dict[str, Any]:
        """The fields of a form, some with other texts, or twice."""
        spoilt: dict[str, Any] = {name: str(value) for name, value in form.items()}
        for name in self.random.sample(sorted(spoilt), min(len(spoilt), self.random.randint(1, 4))):
            spoilt[name] = self.random.choice((self.text(), [self.text(), self.text()]))
        if self.random.random() < 0.2:
            spoilt[self.text()[:50] or "x"] = self.text()
        return spoilt

    def query(self) -> dict[str, str]:
        names = (
            "q",
            "page",
            "cursor",
            "ordering",
            "status",
            "account",
            "limit",
            "after",
            "item",
            "o",
        )
        names += (
            "created_after",
            "id",
            "e",
            "p",
            "all",
            "learner",
            "state",
            "kind",
            "from",
            "until",
        )
        return {name: self.text() for name in self.random.sample(names, self.random.randint(0, 3))}

    def value(self) -> Any:
        return deepcopy(self.random.choice(VALUES))

    def text(self) -> str:
        return self.random.choice(TEXTS)

    def _spoil_once(self, root: dict[str, Any]) -> None:
        place: Any = root
        key: Any = "body"
        while isinstance(place[key], dict | list) and place[key] and self.random.random() < 0.8:
            place = place[key]
            keys = list(place) if isinstance(place, dict) else list(range(len(place)))
            key = self.random.choice(keys)
        if key == "body" and isinstance(place[key], dict):
            place[key][self.text()] = self.value()
        elif isinstance(place, dict) and key != "body" and self.random.random() < 0.1:
            del place[key]
        else:
            place[key] = self.value()


class Sending:
    """Sends what a number stands for, undoes what came of it, and says which was answered ill."""

    def send_all(self, send: Callable[[Fuzz], Any], requests: int) -> None:
        logging.disable(logging.CRITICAL)  # thousands of refusals
        self.addCleanup(logging.disable, logging.NOTSET)
        faults = []
        for number in range(requests):
            with transaction.atomic():
                answer = send(Fuzz(number))
                if answer.streaming:
                    b"".join(answer.streaming_content)
                transaction.set_rollback(True)
            if answer.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR:
                faults.append(f"no. {number} of seed {SEED}: {str(answer.request)[:600]}")
        self.assertEqual(faults, [], "\n".join(faults))


class ApiFuzzTest(Sending, MatrixCase):
    def test_no_body_and_no_query_is_a_fault(self) -> None:
        client = ApiClient(self.people["operator"])
        client.client.raise_request_exception = False
        calls = [call for calls in CALLS.values() for call in calls]

        def send(fuzz: Fuzz) -> Any:
            call = calls[fuzz.number % len(calls)]
            if call.method == "GET":
                return client.get(call.path(self), **make_sendable(fuzz.query()))
            return client.send(call.method, call.path(self), fuzz.spoil(call.body(self) or {}))

        self.send_all(send, REQUESTS // 2)


class PortalFuzzTest(Sending, PortalPages):
    def test_no_form_and_no_query_is_a_fault(self) -> None:
        self.client.raise_request_exception = False
        addresses = [one for one in list_addresses(portal_urls.urlpatterns) if "v1" not in one.name]
        kinds = ("buyer", "manager", "holder", "operator")

        def send(fuzz: Fuzz) -> Any:
            address = addresses[fuzz.number % len(addresses)]
            self.client.force_login(self.people[fuzz.random.choice(kinds)])
            if "item_key" in address.parts and fuzz.random.random() < 0.1:
                text = fuzz.text().encode("utf-8", "replace").decode().replace("/", "") or "x"
                return self.client.get(self.url(address, item_key=text))
            if fuzz.random.random() < 0.3:
                return self.client.get(self.url(address), make_sendable(fuzz.query()))
            return self.client.post(self.url(address), make_sendable(fuzz.spoil_form(self.form())))

        self.send_all(send, REQUESTS // 4)


class AdminFuzzTest(Sending, EveryAddress):
    def test_no_form_and_no_query_is_a_fault(self) -> None:
        self.client.raise_request_exception = False
        self.client.force_login(factories.make_user("root", is_staff=True, is_superuser=True))
        urls = [url for _model, _page, url in self.list_urls()]

        def send(fuzz: Fuzz) -> Any:
            url = urls[fuzz.number % len(urls)]
            if fuzz.random.random() < 0.4:
                return self.client.get(url, make_sendable(fuzz.query()))
            return self.client.post(url, make_sendable(fuzz.spoil_form(self.fill_form())))

        self.send_all(send, REQUESTS // 4)


def make_sendable(fields: dict[str, Any]) -> dict[str, Any]:
    """Django's client writes UTF-8 alone: halves of characters go as bytes."""

    def write(text: str) -> str | bytes:
        return text.encode("utf-8", "surrogatepass") if max(text, default="") >= "\ud800" else text

    return {
        name.encode("utf-8", "replace").decode(): [write(each) for each in value]
        if isinstance(value, list)
        else write(value)
        for name, value in fields.items()
    }
