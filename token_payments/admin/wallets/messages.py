"""The ledger's refusals in plain words, for those who look after accounts."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from token_payments.errors import (
    AccountFrozen,
    AdjustmentsNotAllowed,
    ExpiryNotLater,
    IdempotencyConflict,
    InsufficientTokens,
    IssueExpired,
    IssueFull,
    LastManager,
    ManualIssuesNotAllowed,
    TokenPaymentsError,
    TypeArchived,
)
from token_payments.l10n.formats import format_number

TEXTS: dict[type[TokenPaymentsError], object] = {
    AccountFrozen: _("The account is frozen: unfreeze it first."),
    TypeArchived: _("The token type is archived: restore it first, or choose another one."),
    IssueExpired: _("Expired: raise a new issue instead."),
    ExpiryNotLater: _("It expires on that day or later already: choose a later day."),
    LastManager: _("This is the account's only manager: make somebody else a manager first."),
    ManualIssuesNotAllowed: _(
        "“Allow Manual Raising of Issues” is off in the training token settings: tokens are issued "
        "by processing a token order."
    ),
    AdjustmentsNotAllowed: _(
        "“Allow Adjustments to Token Issues” is off in the training token settings: balances "
        "change by orders, their cancellation, redemptions and reversals only."
    ),
    IdempotencyConflict: _(
        "This form was saved before, with other content. See what was done then, and open the form "
        "again if more is to be done."
    ),
}


def explain(error: TokenPaymentsError) -> str:
    """What is in the way, and what to do about it."""
    if isinstance(error, InsufficientTokens):
        return ngettext(
            "Only %(count)s token remains in this issue.",
            "Only %(count)s tokens remain in this issue.",
            error.available,
        ) % {"count": format_number(error.available)}
    if isinstance(error, IssueFull):
        return ngettext(
            "This issue has room for %(count)s more token. Raise another issue instead.",
            "This issue has room for %(count)s more tokens. Raise another issue instead.",
            error.room,
        ) % {"count": format_number(error.room)}
    if type(error) not in TEXTS:
        raise error
    return str(TEXTS[type(error)])
