"""The life of an issue, as a table: operation, from where, to where it may lead.

No column holds the state: it follows from the clock and from what remains. So time alone leads from
one to the next, and where an operation leads may depend on how many tokens it moves.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db import models
from django.utils.translation import gettext_lazy as _

from token_payments.wallets.models import TokenIssue


class IssueState(models.TextChoices):
    """OVER: expired, with tokens whose expiry the sweep has yet to record."""

    UPCOMING = "upcoming", _("Not yet usable")
    USABLE = "usable", _("Usable")
    USED_UP = "used_up", _("Used up")
    OVER = "over", _("Expired, not yet recorded")
    EXPIRED = "expired", _("Expired")


Steps = Mapping[str, tuple[str, ...]]

_STAYS: Steps = {
    IssueState.UPCOMING: (IssueState.UPCOMING,),
    IssueState.USABLE: (IssueState.USABLE,),
    IssueState.USED_UP: (IssueState.USED_UP,),
}
_GROWS: Steps = {**_STAYS, IssueState.USED_UP: (IssueState.USABLE,)}
_SHRINKS: Steps = {
    IssueState.UPCOMING: (IssueState.UPCOMING,),
    IssueState.USABLE: (IssueState.USABLE, IssueState.USED_UP),
}

#: operation -> {from: where it may lead}
ISSUE_TRANSITIONS: Mapping[str, Steps] = {
    "spend": {IssueState.USABLE: (IssueState.USABLE, IssueState.USED_UP)},
    # what comes back too late expires at once, or becomes an issue of its own
    "give_back": {
        **_GROWS,
        IssueState.OVER: (IssueState.OVER,),
        IssueState.EXPIRED: (IssueState.EXPIRED,),
    },
    "adjust_up": _GROWS,
    "adjust_down": _SHRINKS,
    "extend": _STAYS,
    "cancel": _SHRINKS,
    "transfer": _SHRINKS,
    "use_last": _STAYS,
    "record_expiry": {IssueState.OVER: (IssueState.EXPIRED,)},
}


def compute_state(issue: TokenIssue, now: datetime) -> IssueState:
    """Where the issue is at ``now``; ``remaining`` as the issue has it."""
    if issue.expires_at is not None and now >= issue.expires_at:
        return IssueState.OVER if issue.remaining else IssueState.EXPIRED
    if now < issue.issued_at:
        return IssueState.UPCOMING
    return IssueState.USABLE if issue.remaining else IssueState.USED_UP
