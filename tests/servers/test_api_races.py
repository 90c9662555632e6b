"""Requests of the API with one Idempotency-Key at once, and two people who edit one row."""

from __future__ import annotations

import http.client
import json
from collections import Counter
from functools import partial
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.test import Client

from tests import factories
from tests.concurrency import race
from tests.rest_api.base import ROOT, permit
from token_payments.models import Redemption, StoredAnswer, TokenIssue, TokenType

pytestmark = [pytest.mark.servers, pytest.mark.django_db(transaction=True)]

COURSE = "course-v1:Http+API+2026"
CSRF = "c" * 32
RACERS = 16
RIGHTS = ("add_tokentype", "change_tokentype", "add_tokenissue", "add_redemption")


@pytest.fixture(params=[False, True], ids=["autocommit", "atomic requests"])
def server(request, live_server, settings) -> str:
    """The LMS runs with ATOMIC_REQUESTS; the API stays outside of it."""
    from django.db import connections

    atomic = connections["default"].settings_dict["ATOMIC_REQUESTS"]
    connections["default"].settings_dict["ATOMIC_REQUESTS"] = request.param
    yield live_server.url
    connections["default"].settings_dict["ATOMIC_REQUESTS"] = atomic


def sign_in(name: str = "program") -> str:
    client = Client()
    client.force_login(permit(factories.make_user(name), *RIGHTS))
    return str(client.session.session_key)


def send_at_once(
    server: str, session: str, requests: list[tuple[str, str, Any, dict[str, str]]]
) -> list[tuple[int, bytes]]:
    place = urlsplit(server).netloc
    connections = [http.client.HTTPConnection(place, timeout=110) for _ in requests]
    for connection in connections:
        connection.connect()
    pairs = zip(connections, requests, strict=True)
    outcome = race([partial(send, connection, session, *each) for connection, each in pairs])
    assert not outcome.errors
    return outcome.results


def send(
    connection: http.client.HTTPConnection,
    session: str,
    method: str,
    path: str,
    body: Any,
    headers: dict[str, str],
) -> tuple[int, bytes]:
    sent = {
        "Content-Type": "application/json",
        "Cookie": f"sessionid={session}; csrftoken={CSRF}",
        "X-CSRFToken": CSRF,
        **headers,
    }
    connection.request(method, f"{ROOT}{path}", json.dumps(body), sent)
    answer = connection.getresponse()
    content = answer.read()
    connection.close()
    return answer.status, content


def send_until_done(server: str, session: str, path: str, body: Any) -> Counter[bytes]:
    """One request, many times at once, each again while it is told that it is running."""
    waiting, done = RACERS, []
    while waiting:
        request = ("POST", path, body, {"Idempotency-Key": "one"})
        answers = send_at_once(server, session, [request] * waiting)
        waiting = sum(status == 409 and b"request_running" in text for status, text in answers)
        done += [text for status, text in answers if status == 201]
        assert len(done) + waiting == RACERS, answers
    return Counter(done)


def test_an_issue_is_raised_once(server) -> None:
    account, gold = factories.make_account(), factories.make_type()
    body = {"account": account.pk, "token_type": gold.pk, "quantity": 5}
    assert len(send_until_done(server, sign_in(), "/issues/", body)) == 1
    assert TokenIssue.objects.count() == StoredAnswer.objects.count() == 1


def test_a_type_is_added_once_though_nothing_beneath_has_a_key(server) -> None:
    assert len(send_until_done(server, sign_in(), "/token-types/", {"name": "Gold"})) == 1
    assert TokenType.objects.count() == 1


def test_a_learner_is_paid_for_once(server) -> None:
    factories.allow_paid()
    factories.make_course(COURSE)
    learner, gold = factories.make_user("learner"), factories.make_type()
    account = factories.make_account(members=[learner])
    factories.make_item(COURSE, methods=["wallet"], token_prices={gold: 2})
    factories.issue_tokens(account, gold, 10)
    wallet = factories.find_wallet(account, gold)
    body = {"item_key": COURSE, "wallet": wallet.pk, "learner": "learner"}
    assert len(send_until_done(server, sign_in(), "/redemptions/", body)) == 1
    assert Redemption.objects.count() == 1
    assert TokenIssue.objects.get().remaining == 8


def test_of_two_who_edit_one_version_one_is_told(server) -> None:
    session = sign_in()
    send_until_done(server, session, "/token-types/", {"name": "Gold"})
    gold = TokenType.objects.get()
    client = Client(headers={"Cookie": f"sessionid={session}"})
    version = client.get(f"{ROOT}/token-types/{gold.pk}/")["ETag"]
    requests = [
        (
            "PATCH",
            f"/token-types/{gold.pk}/",
            {"description": f"by {number}"},
            {"Idempotency-Key": str(number), "If-Match": version},
        )
        for number in range(8)
    ]
    answers = send_at_once(server, session, requests)
    assert Counter(status for status, _ in answers) == {200: 1, 412: 7}
