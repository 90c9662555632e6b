"""One mail about one fact, whoever asks and however often."""

from datetime import UTC, datetime, timedelta
from functools import partial

import pytest

from tests.concurrency import race
from token_payments.outbox.models import Notice
from token_payments.outbox.notices import claim_notice, confirm_notice, release_notice

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
LATER = NOW + timedelta(days=400)


@pytest.mark.django_db
def test_a_notice_is_claimed_once() -> None:
    assert claim_notice("order:1:processed", now=NOW)
    assert not claim_notice("order:1:processed", now=LATER)
    assert claim_notice("order:2:processed", now=NOW)


@pytest.mark.django_db
def test_a_refused_mail_may_be_tried_again_but_not_one_that_left() -> None:
    claim_notice("order:1:processed", now=NOW)
    release_notice("order:1:processed")
    assert claim_notice("order:1:processed", now=NOW)
    confirm_notice("order:1:processed", now=NOW)
    release_notice("order:1:processed")
    assert not claim_notice("order:1:processed", now=LATER)
    assert Notice.objects.get().sent_at == NOW


@pytest.mark.servers
@pytest.mark.django_db(transaction=True)
def test_of_many_workers_one_sends() -> None:
    for number in range(5):
        claim = partial(claim_notice, f"order:{number}:processed", now=NOW)
        outcome = race([claim] * 8)
        assert not outcome.errors
        assert outcome.results.count(True) == 1
