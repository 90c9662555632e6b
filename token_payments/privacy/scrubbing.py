"""Removing a subject's values from every table, as ``columns.py`` says.

Rows are changed behind their managers: the ledger's never change in any other way, and a history
would keep what is removed. Numbers, states, times and references are not touched.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import islice
from typing import Any

from django.apps import apps
from django.db.models import Exists, Model, OuterRef, Q, QuerySet
from django.utils import timezone

from token_payments import conf
from token_payments.assignments.models import CodeAssignment
from token_payments.bulk.models import BulkRow
from token_payments.orders.models import (
    CodeStatus,
    TokenOrder,
    TokenOrderAction,
    TokenOrderLogEntry,
)
from token_payments.outbox.models import Notice, StoredAnswer
from token_payments.privacy.columns import BILLING, TEXTS, Text, filter_near
from token_payments.privacy.subject import (
    REMOVED,
    REMOVED_EMAIL,
    Subject,
    list_assigned,
    list_job_rows,
)
from token_payments.wallets.models import Wallet

PIECE = 1000  # ids in one statement


def scrub(subject: Subject, *, now: datetime) -> int:
    """Remove all of them, in the caller's transaction; returns how many values that were.

    What invoices must keep stays (``filter_kept``).
    """
    removed = _scrub_billing(subject, now) + _scrub_wallets(subject) + _scrub_notices(subject)
    removed += _scrub_answers(subject) + _scrub_jobs(subject)
    for name, texts in TEXTS.items():
        model = apps.get_model("token_payments", name)
        removed += sum(_remove_whole(model, text, subject) for text in texts)
        removed += _replace_names(model, texts, subject)
    # the names that buyers gave are looked for until here
    return removed + _scrub_assignments(subject)


def scrub_orders_of(user_id: int, *, now: datetime) -> int:
    """Remove the billing address of the user's own orders whose time is over; returns how many."""
    due = _list_own_orders(user_id).exclude(filter_kept(now))
    return _blank_billing(due)


def filter_kept(now: datetime) -> Q:
    """Orders that became an invoice, and whose years aren't over: they end with a calendar year."""
    years = conf.invoice_years()
    if not years:
        return Q(pk__in=[])
    begun = TokenOrderLogEntry.objects.filter(
        order=OuterRef("pk"), action=TokenOrderAction.PROCESSING
    )
    local = timezone.localtime(now, conf.time_zone())
    first_day = datetime(local.year - years, 1, 1, tzinfo=conf.time_zone())
    return Q(Exists(begun) | Q(invoice_number__isnull=False), created_at__gte=first_day)


def _list_own_orders(user_id: int) -> QuerySet[TokenOrder]:
    """Those that the user bought without an account: the address is the user's own."""
    return TokenOrder.objects.filter(buyer=user_id, account=None)


def _scrub_billing(subject: Subject, now: datetime) -> int:
    removed = 0 if subject.user_id is None else scrub_orders_of(subject.user_id, now=now)
    others = TokenOrder.objects.exclude(filter_kept(now))
    removed += _replace_names(TokenOrder, [Text(name) for name in BILLING], subject, others)
    return removed + _remove_numbers(subject, others)


def _remove_numbers(subject: Subject, orders: QuerySet[TokenOrder]) -> int:
    """A customer's own order number goes as a whole: no two may have the same text."""
    removed = 0
    found = orders.filter(subject.filter_in("purchase_order", near=False))
    for pk, number in list(found.values_list("pk", "purchase_order")):
        if number and subject.redact(number, near=False) != number:
            removed += TokenOrder.objects.filter(pk=pk).update(purchase_order=None)
    return removed


def _blank_billing(orders: QuerySet[TokenOrder]) -> int:
    """The country stays: it tells nobody, and what tax was owed where."""
    ids = list(orders.exclude(billing_name=REMOVED).values_list("pk", flat=True))
    rows = TokenOrder.objects.filter(pk__in=ids)
    rows.update(
        billing_name=REMOVED,
        billing_street=REMOVED,
        billing_city=REMOVED,
        billing_postcode="",
        billing_region="",
        purchase_order=None,
    )
    return len(ids) * (len(BILLING) + 1)


def _scrub_assignments(subject: Subject) -> int:
    """Not those of codes that were given to the person at this moment: nobody could have them then.

    They are for the next time.
    """
    rows = [
        row.pk
        for row in list_assigned(subject.addresses)
        if not (row.live and row.code.status == CodeStatus.AVAILABLE)
    ]
    assignments = CodeAssignment.objects.filter(pk__in=rows)
    assignments.exclude(mail_error="").update(mail_error=REMOVED)
    return assignments.update(email=REMOVED_EMAIL, name="")


def _scrub_wallets(subject: Subject) -> int:
    """A line that has one of the addresses goes as a whole."""
    removed = 0
    found = Q(pk__in=[])
    for address in subject.addresses:
        found |= Q(low_balance_emails__icontains=address)
    for wallet in Wallet.objects.filter(found):
        lines = wallet.low_balance_emails.splitlines()
        left = [line for line in lines if subject.redact(line, near=False) == line]
        if left != lines:
            removed += len(lines) - len(left)
            Wallet.objects.filter(pk=wallet.pk).update(low_balance_emails="\n".join(left))
    return removed


def _scrub_notices(subject: Subject) -> int:
    """Notices stay, so that no mail is sent again, but without their recipient."""
    removed = 0
    for digest in subject.digests:
        for pk, key in list(Notice.objects.filter(key__contains=digest).values_list("pk", "key")):
            fresh = key.replace(digest, f"removed{pk}")[:100]
            removed += Notice.objects.filter(pk=pk).update(key=fresh)
    return removed


def _scrub_answers(subject: Subject) -> int:
    """What the API answered goes as a whole: the subject's, and whatever may name them."""
    found = StoredAnswer.objects.filter(subject.filter_in("body", near=True))
    rows = found.values_list("pk", "body").iterator()
    gone = [pk for pk, body in rows if subject.redact(body, near=True) != body]
    doomed = Q(pk__in=gone) | Q(user__isnull=False, user=subject.user_id)
    return StoredAnswer.objects.filter(doomed).delete()[0]


def _scrub_jobs(subject: Subject) -> int:
    """Rows that name the subject, or were done for them, go with the name that stands beside.

    One that waits is nobody's then.
    """
    ids = [row.pk for row in list_job_rows(subject)]
    removed = sum(
        BulkRow.objects.filter(pk__in=piece).update(entered=REMOVED, name="") for piece in _cut(ids)
    )
    return removed + _replace_names(BulkRow, [Text("entered"), Text("name")], subject)


def _remove_whole(model: type[Model], text: Text, subject: Subject) -> int:
    whole = text.filter_whole(subject)
    if whole is None:
        return 0
    rows = _list_rows(model).filter(whole).exclude(**{f"{text.name}__in": ("", REMOVED)})
    ids = rows.order_by().values_list("pk", flat=True).distinct()
    return sum(
        _list_rows(model).filter(pk__in=piece).update(**{text.name: REMOVED})
        for piece in _cut(list(ids))
    )


def _replace_names(
    model: type[Model],
    texts: Sequence[Text],
    subject: Subject,
    rows: QuerySet[Any] | None = None,
) -> int:
    """Names that are one person's in all rows, and others near the person; returns how many."""
    rows = _list_rows(model) if rows is None else rows
    near = rows.filter(filter_near(str(model._meta.model_name), subject))
    return _redact_rows(rows, texts, subject, near=False) + _redact_rows(
        near, texts, subject, near=True
    )


def _redact_rows(
    rows: QuerySet[Any], texts: Sequence[Text], subject: Subject, *, near: bool
) -> int:
    found = Q(pk__in=[])
    for text in texts:
        found |= subject.filter_in(text.name, near=near)
    removed = 0
    for row in list(rows.filter(found).order_by()):
        changed = {
            text.name: fresh
            for text in texts
            if (fresh := _redact(row, text, subject, near)) != getattr(row, text.name)
        }
        if changed:
            removed += len(changed)
            _list_rows(rows.model).filter(pk=row.pk).update(**changed)
    return removed


def _redact(row: Any, text: Text, subject: Subject, near: bool) -> str | None:
    value: str | None = getattr(row, text.name)
    bearer = getattr(row, text.unless) if text.unless else ""
    if not value or subject.redact(bearer, near=near) != bearer:
        return value
    limit = row._meta.get_field(text.name).max_length
    return subject.redact(value, near=near)[:limit]


def _list_rows(model: type[Model]) -> QuerySet[Any]:
    return QuerySet(model)


def _cut(ids: Iterable[int]) -> Iterator[list[int]]:
    waiting = iter(ids)
    while piece := list(islice(waiting, PIECE)):
        yield piece
