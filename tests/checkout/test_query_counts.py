"""How many statements a payment takes in the core: the host's own and the gate's aren't counted.

A host that costs nothing stands in, the one that the benchmarks use, so every statement is ours.
"""

from __future__ import annotations

import uuid
from contextlib import nullcontext
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests import factories
from tests.enqueued import no_receipts
from token_payments.catalogue import operations as catalogue_operations
from token_payments.checkout import operations as checkout_operations
from token_payments.models import CatalogueItem, EnrolmentSettings, Redemption, TokenIssue
from token_payments.orders.codes import hash_with_all_keys, normalise

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
COURSE = "course-v1:Bench+COUNT+2026"
CODE_LIMIT = 6
WALLET_LIMIT = 7
TRANSACTION_WORDS = ("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE", "ROLLBACK")


@pytest.fixture
def item(settings) -> CatalogueItem:
    settings.TOKEN_PAYMENTS = {
        **settings.TOKEN_PAYMENTS,
        "HOST": "benchmarks.null_host.NullHost",
        "PAYMENT_METHODS": [
            "token_payments.checkout.payment_methods.token_code.TokenCodePayment",
            "token_payments.checkout.payment_methods.wallet.WalletPayment",
        ],
    }
    factories.allow_paid()
    EnrolmentSettings.current()  # cached for a minute, as in a running LMS
    item = CatalogueItem(item_key=COURSE, enrolment_method="paid", price=149, currency="GBP")
    prices = {factories.make_type(): 7}
    return catalogue_operations.save_item(
        item, methods=("token_code", "wallet"), token_prices=prices
    )


def pay(learner, *, method: str, reference: dict[str, str], receipts=None) -> list[str]:
    """The statements of one payment, but for those that begin and end transactions."""
    with receipts or no_receipts(), CaptureQueriesContext(connection) as captured:
        redemption = checkout_operations.redeem(
            learner=learner,
            item_key=COURSE,
            method=method,
            reference=reference,
            idempotency_key=uuid.uuid4().hex,
            now=NOW,
        )
    assert redemption.state == "completed"
    statements = [query["sql"] for query in captured]
    return [sql for sql in statements if not sql.upper().startswith(TRANSACTION_WORDS)]


def test_a_receipt_takes_one_statement_more(item) -> None:
    learner, buyer = factories.make_user("learner"), factories.make_user("buyer")
    order = factories.make_processed_order(item, buyer=buyer, quantity=1)
    hashes = hash_with_all_keys(normalise(factories.list_codes(order)[0]))
    reference = {"hashes": ",".join(hashes)}
    statements = pay(learner, method="token_code", reference=reference, receipts=nullcontext())
    assert len(statements) <= CODE_LIMIT + 1, "\n".join(statements)


def test_a_code_takes_six_statements_at_most(item) -> None:
    order = factories.make_processed_order(item, buyer=factories.make_user("buyer"), quantity=1)
    learner = factories.make_user("learner")
    hashes = hash_with_all_keys(normalise(factories.list_codes(order)[0]))
    statements = pay(learner, method="token_code", reference={"hashes": ",".join(hashes)})
    assert len(statements) <= CODE_LIMIT, "\n".join(statements)


@pytest.mark.parametrize("drawn_from", [1, 3])
def test_a_wallet_takes_no_more_however_many_issues_are_drawn_from(item, drawn_from: int) -> None:
    learner = factories.make_user("learner")
    account = factories.make_account(members=[learner])
    gold = item.token_prices.get().token_type
    quantities = {1: (10, 10, 10), 3: (3, 3, 10)}[drawn_from]
    for day, quantity in enumerate(quantities, start=1):
        ends = NOW + timedelta(days=day)
        factories.issue_tokens(account, gold, quantity, now=NOW, expires_at=ends)
    wallet = TokenIssue.objects.first().wallet
    statements = pay(learner, method="wallet", reference={"wallet": str(wallet.pk), "tokens": "7"})
    assert Redemption.objects.get().entries.count() == drawn_from
    assert len(statements) <= WALLET_LIMIT, "\n".join(statements)
