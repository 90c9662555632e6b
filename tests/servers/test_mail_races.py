"""Workers that mail at once, with real connections: nobody is told twice."""

from __future__ import annotations

from collections import Counter
from functools import partial
from unittest.mock import patch

import pytest
from django.utils import timezone

from tests import factories
from tests.concurrency import race
from tests.notifications.base import assign, list_states, make_code_order
from token_payments.hosts import host
from token_payments.notifications import mails
from token_payments.outbox.models import Notice

pytestmark = [pytest.mark.servers, pytest.mark.django_db(transaction=True)]

WORKERS = 6
LEARNERS = 30


def test_of_many_workers_one_mails_each_learner() -> None:
    order = make_code_order(LEARNERS, redeem_by=None)
    assign(order, *(f"learner{number}@example.com" for number in range(LEARNERS)))
    sent: list[str] = []
    run = partial(mails.send_assignments, order.pk, clock=timezone.now, limit=100)
    with patch.object(host, "send_to", lambda address, mail: sent.append(address)):
        outcome = race([run] * WORKERS)
    assert not outcome.errors
    assert len(sent) == LEARNERS
    assert set(Counter(sent).values()) == {1}
    assert set(list_states(order).values()) == {"sent"}
    assert sum(delivery.sent for delivery in outcome.results) == LEARNERS


def test_of_many_workers_one_tells_of_an_order() -> None:
    order = make_code_order(redeem_by=None)
    sent: list[str] = []
    run = partial(mails.send_order_mail, order.pk, "processed", now=timezone.now())
    with patch.object(host, "send_to", lambda address, mail: sent.append(address)):
        outcome = race([run] * WORKERS)
    assert not outcome.errors
    assert sent == [order.buyer.email]
    assert Notice.objects.get().sent_at is not None


def test_a_code_is_redeemed_while_it_is_mailed() -> None:
    """Whichever is first, nothing fails, and the mail isn't sent again."""
    order = make_code_order(LEARNERS, redeem_by=None)
    learners = [factories.make_user(f"learner{number}") for number in range(8)]
    assign(order, *(learner.email for learner in learners))
    codes = factories.list_codes(order)
    sent: list[str] = []
    run = partial(mails.send_assignments, order.pk, clock=timezone.now, limit=100)
    redeems = [
        partial(factories.redeem, learner, order.item, code)
        for learner, code in zip(learners, codes, strict=False)
    ]
    with patch.object(host, "send_to", lambda address, mail: sent.append(address)):
        outcome = race([run, *redeems])
        mails.send_assignments(order.pk, clock=timezone.now, limit=100)
    assert not outcome.errors
    assert len(sent) == len(set(sent))
    assert set(list_states(order).values()) <= {"sent", "failed"}
