"""Learners' own codes: those that were assigned to their address, seen and redeemed.

An address counts once the account has confirmed it: anybody can sign up with somebody else's.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import F, Q, QuerySet

from token_payments.assignments.models import CodeAssignment
from token_payments.hosts import list_name_relations
from token_payments.hosts.base import User
from token_payments.orders.models import CodeStatus, OrderStatus
from token_payments.orders.reveals import reveal_codes

MAX_LISTED = 100  # of each kind; an assignment is for one course


@dataclass(frozen=True)
class OwnCodes:
    """Assignments to a learner: those that can be redeemed, the most urgent first, and the past.

    ``past`` are of codes that were redeemed, by whomever, or cancelled, or whose day is over.
    """

    usable: list[CodeAssignment]
    past: list[CodeAssignment]


def has_address(user: User, address: str) -> bool:
    """Whether an address in lower case is the user's own, confirmed or not.

    To ``lower`` the Kelvin sign is a k: the owner of such an address isn't the one with the k.
    """
    own = str(user.email)
    return own.lower() == address and own.isascii() == address.isascii()


def list_codes_for(user: User, *, now: datetime) -> QuerySet[CodeAssignment]:
    """The assignments whose codes a user can redeem at ``now``, the newest first.

    Found by the user's e-mail address, once the host has confirmed it.
    """
    return _list_live(user).filter(_UNUSED & _in_time(now)).order_by("-id")


def list_own_codes(user: User, *, now: datetime) -> OwnCodes:
    """The assignments to the user's confirmed address; nothing before it is confirmed.

    Up to MAX_LISTED of each. What was taken back isn't listed.
    """
    urgent = F("code__order__redeem_by").asc(nulls_last=True)
    live, is_usable = _list_live(user), _UNUSED & _in_time(now)
    soonest = live.filter(is_usable).order_by(urgent, "-id")
    past = live.exclude(is_usable).order_by("-id")
    return OwnCodes(list(soonest[:MAX_LISTED]), list(past[:MAX_LISTED]))


def find_own_code(user: User, assignment_id: int, *, now: datetime) -> CodeAssignment | None:
    """One that the user can redeem now; None for a stranger's, and for one that is over."""
    return list_codes_for(user, now=now).filter(pk=assignment_id).first()


def reveal_own_code(assignment: CodeAssignment, *, user: User, now: datetime) -> str:
    """The code in full, logged as shown to ``user``. Raises ConfigurationError like reveal_codes.

    ``assignment`` is what ``find_own_code`` gave to this user.
    """
    code = assignment.code
    return reveal_codes(code.order, [code], actor=user, now=now)[code.serial]


_UNUSED = Q(code__status=CodeStatus.AVAILABLE, code__order__status=OrderStatus.PROCESSED)


def _in_time(now: datetime) -> Q:
    return Q(code__order__redeem_by__isnull=True) | Q(code__order__redeem_by__gt=now)


def _list_live(user: User) -> QuerySet[CodeAssignment]:
    """The live assignments to the very address: databases find others that only look the same."""
    rows = CodeAssignment.objects.filter(live=True)
    if not user.email or not user.is_active:
        return rows.none()
    alike = rows.filter(email=user.email.lower()).values_list("pk", "email")
    own = [pk for pk, address in alike if has_address(user, address)]
    actor = list_name_relations("batch__actor")
    return rows.filter(pk__in=own).select_related(
        "code__order__item", "code__order__account", *actor
    )
