"""The texts of reminders: a line for each thing that ends, loaded for many recipients at once."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import Count
from django.views.decorators.debug import sensitive_variables

from token_payments.assignments.models import CodeAssignment
from token_payments.errors import ConfigurationError
from token_payments.hosts import host
from token_payments.l10n.dates import count_days_left
from token_payments.notifications.mails.base import absolute, tidy
from token_payments.orders.models import CodeStatus, TokenOrder
from token_payments.orders.records import count_codes_of, write_codes
from token_payments.reminders.due import Due, ReminderSubject, pick
from token_payments.wallets.models import TokenIssue

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class TokenLine:
    """Tokens of an account that end on one day: of one type, of all issues that are due."""

    account: str
    is_frozen: bool
    type: str
    tokens: int
    ends: datetime
    days_left: int
    url: str


@dataclass(frozen=True)
class OrderLine:
    """An order's unused codes, ``given`` of which learners have already."""

    number: str
    what: str
    unused: int
    given: int
    ends: datetime
    days_left: int
    url: str


@dataclass(frozen=True)
class CodeReminder:
    """A learner's own code; without its text and link when the site's key for it is gone."""

    course: str
    code: str
    link: str
    ends: datetime
    days_left: int


@dataclass(frozen=True)
class ReminderLines:
    """The lines about everything that is due in a batch, by its number."""

    issues: dict[int, TokenIssue] = field(default_factory=dict)
    orders: dict[int, OrderLine] = field(default_factory=dict)
    codes: dict[int, CodeReminder] = field(default_factory=dict)
    names: dict[Any, str] = field(default_factory=dict)


@sensitive_variables()
def load_lines(dues: Collection[Due], *, now: datetime) -> ReminderLines:
    """Everything that mails about these say: a fixed number of queries.

    Names of users are by their number, those of learners by their address.
    """
    rows = TokenIssue.objects.select_related("wallet__account", "wallet__token_type")
    given = _list_assignments(pick(dues, ReminderSubject.CODE))
    return ReminderLines(
        issues=rows.in_bulk(pick(dues, ReminderSubject.ISSUE)),
        orders=_load_orders(pick(dues, ReminderSubject.ORDER), now),
        codes=_write_own_codes(given, now),
        names=_load_names(dues) | {row.email: tidy(row.name) for row in given},
    )


@sensitive_variables()
def describe(dues: Iterable[Due], lines: ReminderLines, *, now: datetime) -> dict[str, Any]:
    """The facts of one recipient's mail: in each of its parts, the soonest end first."""
    every = sorted(dues, key=lambda due: (due.ends, due.pk))
    user_id = next((due.user_id for due in every if due.user_id), None)
    address = every[0].address
    codes = [lines.codes[due.pk] for due in _of(every, ReminderSubject.CODE)]
    return {
        "name": lines.names.get(user_id) or lines.names.get(address, ""),
        "days_left": count_days_left(every[0].ends, now),
        "tokens": _add_up([lines.issues[due.pk] for due in _of(every, ReminderSubject.ISSUE)], now),
        "orders": [lines.orders[due.pk] for due in _of(every, ReminderSubject.ORDER)],
        "codes": codes,
        "only_course": codes[0].course if len(every) == len(codes) == 1 else "",
        "tokens_url": absolute("tokens"),
        "own_codes_url": absolute("own_codes"),
    }


def _of(dues: Iterable[Due], subject: ReminderSubject) -> list[Due]:
    return [due for due in dues if due.subject == subject]


def _add_up(issues: Iterable[TokenIssue], now: datetime) -> list[TokenLine]:
    """A line for each account, type and day."""
    sums: dict[tuple[Any, ...], list[TokenIssue]] = defaultdict(list)
    for issue in issues:
        wallet = issue.wallet
        sums[(wallet.account.name, wallet.token_type.name, issue.expires_at)].append(issue)
    return [
        TokenLine(
            account=tidy(account),
            is_frozen=rows[0].wallet.account.is_frozen,
            type=tidy(token_type),
            tokens=sum(row.remaining for row in rows),
            ends=ends,
            days_left=count_days_left(ends, now),
            url=absolute(
                "statement",
                account_id=rows[0].wallet.account_id,
                type_id=rows[0].wallet.token_type_id,
            ),
        )
        for (account, token_type, ends), rows in sums.items()
    ]


def _load_orders(ids: Sequence[int], now: datetime) -> dict[int, OrderLine]:
    orders = list(TokenOrder.objects.filter(pk__in=ids).select_related("item"))
    counts = count_codes_of(orders)
    unused = CodeAssignment.objects.filter(live=True, code__status=CodeStatus.AVAILABLE)
    rows = unused.filter(batch__order__in=ids).order_by().values_list("batch__order")
    given: dict[int, int] = dict(rows.annotate(Count("pk")))
    return {
        order.pk: OrderLine(
            number=order.number,
            what=tidy(order.subject),
            unused=counts[order.pk].available,
            given=given.get(order.pk, 0),
            ends=order.redeem_by,
            days_left=count_days_left(order.redeem_by, now),
            url=absolute("order", order_id=order.pk),
        )
        for order in orders
        if order.redeem_by is not None
    }


def _list_assignments(ids: Sequence[int]) -> list[CodeAssignment]:
    rows = CodeAssignment.objects.filter(pk__in=ids)
    return list(rows.select_related("code__order__item"))


@sensitive_variables()
def _write_own_codes(
    assignments: Sequence[CodeAssignment], now: datetime
) -> dict[int, CodeReminder]:
    lines = {}
    for row in assignments:
        order = row.code.order
        assert order.redeem_by is not None
        try:
            code = write_codes(order, [row.code])[row.code.serial]
        except ConfigurationError:
            log.warning("order %s: the key of its codes is missing", order.number)
            code = ""
        url = absolute("checkout", item_key=order.course.item_key)
        lines[row.pk] = CodeReminder(
            course=tidy(order.subject),
            code=code,
            link=f"{url}#code={code}" if code else "",
            ends=order.redeem_by,
            days_left=count_days_left(order.redeem_by, now),
        )
    return lines


def _load_names(dues: Iterable[Due]) -> dict[Any, str]:
    ids = {due.user_id for due in dues if due.user_id is not None}
    users = get_user_model()._default_manager.select_related(*host.name_relations)
    return {user.pk: tidy(host.get_full_name(user)) for user in users.filter(pk__in=ids)}
