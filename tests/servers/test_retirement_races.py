"""Retiring, for real, while the person redeems, pays, and is given codes: one or the other."""

from __future__ import annotations

from functools import partial
from uuid import uuid4

import pytest
from django.utils import timezone

from tests import factories
from tests.concurrency import race
from token_payments.assignments import operations as assignment_operations
from token_payments.errors import CodeNotRedeemable, PaymentRefused
from token_payments.models import (
    CodeAssignment,
    CodeStatus,
    Redemption,
    Retirement,
    TokenCode,
    TokenOrder,
)
from token_payments.orders import queries as order_queries
from token_payments.privacy import operations as privacy_operations

pytestmark = [pytest.mark.servers, pytest.mark.django_db(transaction=True)]

COURSE, TOKEN_COURSE = "course-v1:Race+R1+2026", "course-v1:Race+R2+2026"


@pytest.fixture
def order() -> TokenOrder:
    item = factories.make_shop(COURSE, modes={"verified": 149})
    return factories.make_processed_order(item, buyer=factories.make_user("buyer"), quantity=10)


@pytest.fixture
def sam() -> object:
    return factories.make_user("sam.d1", name="Sam Doe")


def assign(order: TokenOrder, sam: object) -> None:
    people = [assignment_operations.Recipient("sam.d1@example.com", "Sam Doe")]
    by = {"actor": order.buyer, "idempotency_key": uuid4().hex, "now": timezone.now()}
    assignment_operations.assign_codes(order.pk, people, **by)


def retire(sam: object) -> privacy_operations.Retired:
    return privacy_operations.retire_person(user=sam, now=timezone.now())


def test_the_code_is_redeemed_or_goes_back(order: TokenOrder, sam: object) -> None:
    assign(order, sam)
    given = CodeAssignment.objects.get()
    text = {code.pk: text for code, text in order_queries.iterate_codes(order)}[given.code_id]
    redeem = partial(factories.redeem, sam, order.course, text)
    outcome = race([redeem, partial(retire, sam)])
    assert not outcome.errors_other_than(CodeNotRedeemable)
    code = TokenCode.objects.get(pk=given.code_id)
    paid = Redemption.objects.filter(learner=sam).exists()
    assert code.status == (CodeStatus.REDEEMED if paid else CodeStatus.REPLACED)
    assert not CodeAssignment.objects.filter(email__startswith="sam").exists()


def test_retired_by_four_at_once(order: TokenOrder, sam: object) -> None:
    assign(order, sam)
    assign(order, sam)
    outcome = race([partial(retire, sam)] * 4)
    assert not outcome.errors
    assert sum(done.codes for done in outcome.results) == 2
    assert Retirement.objects.get(user=sam).values == sum(done.values for done in outcome.results)
    assert order.codes.filter(status=CodeStatus.REPLACED).count() == 2


def test_while_codes_are_given_and_tokens_spent(order: TokenOrder, sam: object) -> None:
    gold = factories.make_type()
    factories.make_course(TOKEN_COURSE, modes={"verified": 149})
    item = factories.make_item(TOKEN_COURSE, methods=["wallet"], token_prices={gold: 3})
    account = factories.make_account(members=[sam], managers=[order.buyer])
    factories.issue_tokens(account, gold, 5)
    pay = partial(factories.pay, sam, item, factories.find_wallet(account, gold))
    outcome = race([pay, partial(retire, sam), *[partial(assign, order, sam)] * 3])
    assert not outcome.errors_other_than(PaymentRefused)
    retire(sam)  # for what came after
    assert not CodeAssignment.objects.filter(email__startswith="sam").exists()
    assert not CodeAssignment.objects.filter(live=True).exists()
