"""All that a payment from a wallet asks the database, at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.db.models import FilteredRelation, QuerySet

from token_payments.db.prepared import Prepared
from token_payments.hosts.base import User
from token_payments.wallets.fifo import is_usable, order_by_burning
from token_payments.wallets.models import Account, TokenIssue, Wallet

MAX_ISSUES = 20  # what a payment nearly always can do with; a wallet may have thousands


@dataclass(frozen=True)
class Payer:
    """A wallet that the learner may spend from.

    ``issues`` are the first MAX_ISSUES usable ones in burn order. Objects have loaded what is
    asked of them for every payment, and load the rest when it is shown.
    """

    wallet: Wallet
    issues: Sequence[TokenIssue]


def find_payer(wallet_id: int, *, learner: User, now: datetime) -> Payer | None:
    """The wallet with all that is to know of it; None when the learner is no member: one query."""
    rows = _ROWS.fetch(wallet_id=wallet_id, learner_id=learner.pk, now=now)
    if not rows:
        return None
    alias, (type_id, low_balance, *account) = connection.alias, rows[0][:5]
    wallet = Wallet.from_db(alias, _WALLET, [wallet_id, account[0], type_id, low_balance])
    wallet.account = Account.from_db(alias, _ACCOUNT, account)
    issues = [TokenIssue.from_db(alias, _ISSUE, row[5:]) for row in rows if row[5] is not None]
    return Payer(wallet, issues)


_WALLET = ["id", "account_id", "token_type_id", "low_balance"]
_ACCOUNT = ["id", "name", "is_frozen"]
_ISSUE = ["id", "remaining", "issued_at", "expires_at", "use_last"]


def _build_rows(
    wallet_id: int, learner_id: int, now: datetime
) -> QuerySet[Wallet, tuple[object, ...]]:
    """A row for each usable issue, or one row without any."""
    return (
        Wallet.objects.filter(pk=wallet_id, account__members__user_id=learner_id)
        .annotate(issue=FilteredRelation("issues", condition=is_usable(now, "issues__")))
        .order_by(*order_by_burning("issue__"))
        .values_list(
            "token_type_id",
            "low_balance",
            *(f"account__{name}" for name in _ACCOUNT),
            *(f"issue__{name}" for name in _ISSUE),
        )[:MAX_ISSUES]
    )


_ROWS = Prepared(_build_rows, wallet_id=int, learner_id=int, now=datetime)
