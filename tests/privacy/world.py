"""Somebody with unmistakable names who has done everything, and a look into every column."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.db import connection
from django.test import TestCase
from django.utils import timezone

from tests import factories
from token_payments.assignments import operations as assignment_operations
from token_payments.bulk import operations as bulk_operations
from token_payments.checkout import operations as checkout_operations
from token_payments.doctor import Severity, examine
from token_payments.models import (
    AccountRole,
    LedgerEntry,
    TokenIssue,
    TokenOrder,
    TokenSettings,
    Wallet,
)
from token_payments.orders import operations as order_operations
from token_payments.orders import queries as order_queries
from token_payments.outbox.notices import claim_notice, digest_address
from token_payments.wallets import operations as wallet_operations

CODE_COURSE, TOKEN_COURSE = "course-v1:Pri+CODE+2026", "course-v1:Pri+GOLD+2026"
USER_NAME, NAME, EMAIL = "zq_quux77", "Zebediah Quuxington", "Zq.Quux77@example.org"
ADDRESS = {
    "billing_name": NAME,
    "billing_street": "77 Kwyjibo Street\n2nd floor",
    "billing_postcode": "KW7 7JB",
    "billing_city": "Kwyjiboville",
    "billing_region": "Kwyjiboshire",
    "billing_country": "GB",
}
PHONE = "+44 7700 900077"
#: What nothing may have any more, in lower case: names, addresses, phone, and what was written.
TRACES = ("quux", "zebediah", "kwyjibo", "kw7 7jb", PHONE, "grault", digest_address(EMAIL))
#: Columns that hold the trace of a kept invoice: `table.column`.
INVOICE = {
    f"token_payments_tokenorder.{name}"
    for name in (*ADDRESS, "purchase_order")
    if name != "billing_country"
}


class PersonCase(TestCase):
    """``person`` bought, requested, was given codes, helped, paid, gave back, managed and wrote."""

    @classmethod
    def setUpTestData(cls) -> None:
        cls.now = timezone.now() - timedelta(days=2)
        factories.allow_paid()
        for course in (CODE_COURSE, TOKEN_COURSE):
            factories.make_course(course, modes={"verified": 149})
        cls.person = factories.make_user(USER_NAME, name=NAME, email=EMAIL)
        cls.staff = factories.make_user("staff", is_superuser=True)
        cls.other = factories.make_user("other")
        cls.item = factories.make_item(CODE_COURSE)
        cls._buy()
        cls._be_given_codes()
        cls._be_in_an_account()
        cls._be_in_jobs()
        cls._be_staff()

    @classmethod
    def by(cls, actor: Any, **more: Any) -> dict[str, Any]:
        return {"actor": actor, "now": cls.now, **more}

    @classmethod
    def _buy(cls) -> None:
        made = {"buyer": cls.person, "now": cls.now, **ADDRESS}
        cls.bought = factories.make_processed_order(
            cls.item, quantity=6, note=f"Call {PHONE}, grault", purchase_order="PO-Quux", **made
        )
        cls.wish = factories.make_order(cls.item, quantity=2, note="grault wish", **made)
        cls.declined = factories.make_order(cls.item, quantity=2, **made)
        order_operations.decline_order(
            cls.declined.pk, reason="grault: no credit", **cls.by(cls.staff)
        )
        how = {"quantity": 1, "reason": "grault: ill", "idempotency_key": "q1"}
        assignment_operations.cancel_unused(
            cls.bought.pk, refund_amount=Decimal(1), **how, **cls.by(cls.person)
        )
        wish = assignment_operations.request_cancellation(
            cls.bought.pk,
            quantity=1,
            reason="grault",
            idempotency_key="q2",
            **cls.by(cls.person),
        )
        order_operations.decline_cancellation(wish.pk, answer=f"Not {NAME}", **cls.by(cls.staff))
        codes = list(cls.bought.codes.all()[:2])
        order_operations.reveal_codes(cls.bought, codes, **cls.by(cls.person))

    @classmethod
    def _be_given_codes(cls) -> None:
        order = factories.make_processed_order(
            cls.item, quantity=5, buyer=cls.other, now=cls.now, note=f"For {NAME}"
        )
        cls.order = order
        people = [
            assignment_operations.Recipient(EMAIL, NAME),
            assignment_operations.Recipient("Someone@example.com", "Some One"),
        ]
        given = assignment_operations.assign_codes(
            order.pk, people, idempotency_key="a1", **cls.by(cls.other)
        )
        cls.unused = given.assignments.get(email=EMAIL.lower())
        assignment_operations.claim_mail(cls.unused.pk, now=cls.now)
        assignment_operations.fail_mail(cls.unused.pk, error=f"550 <{EMAIL}> is unknown")
        more = assignment_operations.assign_codes(
            order.pk,
            [assignment_operations.Recipient(EMAIL)],
            idempotency_key="a2",
            **cls.by(cls.other),
        )
        cls.used = more.assignments.get()
        text = dict(order_queries.iterate_codes(order))[cls.used.code]
        paid = factories.redeem(cls.person, cls.item, text, now=cls.now)
        checkout_operations.reverse(
            paid.pk, reason="grault: ill", unenrol=True, **cls.by(cls.staff)
        )
        cls.redemption = factories.redeem(cls.person, cls.item, text, now=cls.now)
        assignment_operations.add_delegate(order, cls.person, **cls.by(cls.other))
        assignment_operations.remind(order.pk, actor=cls.person, now=cls.now + timedelta(days=1))
        taken = assignment_operations.assign_codes(
            order.pk,
            [assignment_operations.Recipient(EMAIL, NAME)],
            idempotency_key="a3",
            **cls.by(cls.person),
        )
        assignment_operations.revoke(taken.assignments.get().pk, **cls.by(cls.person))

    @classmethod
    def _be_in_an_account(cls) -> None:
        cls.gold = factories.make_type(days=365)
        prices = {"methods": ["wallet"], "token_prices": {cls.gold: 7}}
        priced = factories.make_item(TOKEN_COURSE, **prices)
        cls.account = factories.make_account(members=[cls.other])
        wallet_operations.set_member(cls.account, cls.person, AccountRole.MANAGER, actor=cls.staff)
        cls.account.billing_name = f"Acme, attn. {NAME.upper()}"
        cls.account.save()
        issue = factories.issue_tokens(
            cls.account, cls.gold, 50, now=cls.now, reference=f"by {NAME}", reason=f"asked {EMAIL}"
        )
        adjust = {"idempotency_key": "up", "reason": f"as {USER_NAME} asked"}
        wallet_operations.adjust_issue(issue.pk, 1, **adjust, **cls.by(cls.staff))
        adjust = {"idempotency_key": "down", "reason": "grault"}
        wallet_operations.adjust_issue(issue.pk, -1, **adjust, **cls.by(cls.person))
        cls.wallet = factories.find_wallet(cls.account, cls.gold)
        Wallet.objects.filter(pk=cls.wallet.pk).update(
            low_balance=5, low_balance_emails=f"boss@example.com\n{EMAIL.upper()}\nme@example.com"
        )
        paid = factories.pay(cls.person, priced, cls.wallet, now=cls.now)
        checkout_operations.reverse(paid.pk, reason="grault", unenrol=True, **cls.by(cls.staff))
        factories.pay(cls.person, priced, cls.wallet, now=cls.now)
        cls.wallet_order = factories.make_wallet_order(
            cls.account, cls.gold, buyer=cls.person, now=cls.now, **ADDRESS
        )
        order_operations.start_processing(cls.wallet_order.pk, **cls.by(cls.person))
        wallet_operations.freeze_account(cls.account.pk, actor=cls.person, reason="grault")
        wallet_operations.unfreeze_account(
            cls.account.pk, actor=cls.staff, reason=f"{NAME} has paid"
        )

    @classmethod
    def _be_in_jobs(cls) -> None:
        give = [assignment_operations.Recipient(EMAIL, NAME)]
        how = {"recipients": give, "order_id": cls.order.pk, **cls.by(cls.other)}
        bulk_operations.start_assigning(idempotency_key="j1", **how)
        pay = {"wallet": cls.wallet, "item_key": TOKEN_COURSE, "tokens": 7}
        names = [USER_NAME.upper(), EMAIL, f" {NAME} "]
        pay = {"names": names, "idempotency_key": "j2", **pay}
        job = bulk_operations.start_redeeming(**pay, **cls.by(cls.staff))
        bulk_operations.run_job(job.pk, clock=lambda: cls.now)

    @classmethod
    def _be_staff(cls) -> None:
        TokenSettings.objects.create(changed_by=cls.person)
        cls.gold._history_user = cls.person
        cls.gold._change_reason = "grault"
        cls.gold.save()
        order = factories.make_order(cls.item, quantity=1, buyer=cls.other, now=cls.now)
        order_operations.decline_order(order.pk, reason="grault: no", **cls.by(cls.person))
        claim_notice(f"reversal:{cls.redemption.pk}:{digest_address(EMAIL)}", now=cls.now)


def find_traces(*wanted: str) -> set[str]:
    """`table.column` of every value of ours that has one of the texts, whatever its case."""
    return {place for place, text in iterate_values() if any(each in text for each in wanted)}


def iterate_values() -> Iterator[tuple[str, str]]:
    """Every value of every column of every table of ours, as text in lower case."""
    with connection.cursor() as cursor:
        tables = connection.introspection.table_names(cursor)
        for table in (name for name in tables if name.startswith("token_payments_")):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            columns = [column[0] for column in cursor.description]
            for row in cursor.fetchall():
                for column, value in zip(columns, row, strict=True):
                    yield f"{table}.{column}", str(value).casefold()


def take_sums() -> dict[str, Any]:
    """What must be after a retirement as it was before."""
    orders = {order.pk: (order.total, order.quantity) for order in TokenOrder.objects.all()}
    return {"orders": orders, "ledger": _read_ledger()}


def _read_ledger() -> list[tuple[Any, ...]]:
    columns = ("id", "issue", "kind", "amount", "redemption", "actor", "created_at")
    entries = list(LedgerEntry.objects.order_by("id").values_list(*columns))
    return [*entries, *TokenIssue.objects.order_by("id").values_list("id", "remaining")]


def find_faults() -> list[str]:
    """Not its notes: an account that is given up has left its courses."""
    found = examine(now=timezone.now())
    return [finding.text for finding in found if finding.severity is Severity.ERROR]
