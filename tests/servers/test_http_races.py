"""Finish by real requests at once: a threaded server, a connection per visitor."""

from __future__ import annotations

import http.client
from collections import Counter
from functools import partial
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import pytest
from django.test import Client
from django.urls import reverse

from common.djangoapps.student.models import CourseEnrollment
from tests import factories
from tests.concurrency import race
from token_payments.models import Redemption, TokenOrder
from token_payments.orders import queries as order_queries

pytestmark = [pytest.mark.servers, pytest.mark.django_db(transaction=True)]

COURSE = "course-v1:Http+H1+2026"
FINISH = f"/token-payments/checkout/{quote(COURSE)}/finish/"
CSRF = "c" * 32


@pytest.fixture
def order(settings) -> TokenOrder:
    rates = {"ATTEMPTS_PER_USER": "99/h", "ATTEMPTS_PER_ADDRESS": "999/h"}
    settings.TOKEN_PAYMENTS = {**settings.TOKEN_PAYMENTS, **rates}
    item = factories.make_shop(COURSE, modes={"verified": 149})
    return factories.make_processed_order(item, buyer=factories.make_user("buyer"), quantity=2)


def come_to_review(user: Any, code: str) -> tuple[str, str]:
    """The learner's session, and the key of the form that Review shows in it."""
    client = Client()
    client.force_login(user)
    page = reverse("token_payments:checkout", kwargs={"item_key": COURSE})
    client.post(page, {"method": "token_code", "token_code-code": code})
    review = client.get(reverse("token_payments:review", kwargs={"item_key": COURSE}))
    return client.session.session_key, review.context["idempotency_key"]


def finish_at_once(server: str, forms: list[tuple[str, str]]) -> list[tuple[int, str]]:
    """Send all forms; the answers' statuses, and where they lead.

    The connections are made before: a test server's queue of new ones is short.
    """
    place = urlsplit(server).netloc
    connections = [http.client.HTTPConnection(place, timeout=110) for _ in forms]
    for connection in connections:
        connection.connect()
    pairs = zip(connections, forms, strict=True)
    outcome = race([partial(finish, connection, *form) for connection, form in pairs])
    assert not outcome.errors
    return outcome.results


def finish(connection: http.client.HTTPConnection, session: str, nonce: str) -> tuple[int, str]:
    headers = {
        "Content-Type": "application/x-www-form-urlencoded",
        "Cookie": f"sessionid={session}; csrftoken={CSRF}",
        "X-CSRFToken": CSRF,
    }
    connection.request("POST", FINISH, urlencode({"idempotency_key": nonce}), headers)
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return answer.status, answer.headers.get("Location", "")


def test_32_requests_with_one_code_enrol_one_learner(order, live_server) -> None:
    code = factories.list_codes(order)[0]
    learners = [factories.make_user(f"racer{number}") for number in range(32)]
    forms = [come_to_review(learner, code) for learner in learners]

    answers = finish_at_once(live_server.url, forms)

    assert Counter(status for status, _ in answers) == {302: 1, 200: 31}
    redemption = Redemption.objects.get()
    [(_, address)] = [result for result in answers if result[0] == 302]
    assert str(redemption.uuid) in address
    assert CourseEnrollment.objects.get().user_id == redemption.learner_id
    assert order_queries.count_codes(order).redeemed == 1


def test_a_form_sent_16_times_at_once_leads_to_one_receipt(order, live_server) -> None:
    learner = factories.make_user("learner")
    form = come_to_review(learner, factories.list_codes(order)[0])

    answers = finish_at_once(live_server.url, [form] * 16)

    receipt = f"/token-payments/receipt/{Redemption.objects.get().uuid}/"
    assert set(answers) == {(302, receipt)}


def test_two_sessions_of_a_learner_burn_one_code_and_none_is_told_it_is_bad(
    order, live_server
) -> None:
    learner = factories.make_user("learner")
    codes = factories.list_codes(order)
    forms = [come_to_review(learner, codes[number % 2]) for number in range(12)]

    answers = finish_at_once(live_server.url, forms)

    assert Counter(status for status, _ in answers) == {302: 1, 409: 11}
    assert order_queries.count_codes(order).available == 1
    assert Redemption.objects.count() == CourseEnrollment.objects.count() == 1
