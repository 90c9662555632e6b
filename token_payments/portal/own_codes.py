"""The tokens that were assigned to the visitor: those to use, and what became of the others."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from token_payments.assignments import operations as assignment_operations
from token_payments.assignments import queries as assignment_queries
from token_payments.checkout import queries as checkout_queries
from token_payments.errors import ConfigurationError
from token_payments.hosts import host
from token_payments.hosts.people import get_user
from token_payments.l10n.dates import count_days_left
from token_payments.models import TOKEN_CODE_METHOD, CodeAssignment, CodeStatus, Redemption
from token_payments.portal import session
from token_payments.portal.formats import write_day, write_last_day
from token_payments.portal.pages import go_and_tell, render_page, tell
from token_payments.portal.tokens.access import tokens_page
from token_payments.presenters.refusals import Audience, get_texts

SOON = timedelta(days=14)

#: What is told instead of what was asked for.
REFUSED: dict[str, Any] = {
    "gone": _("This token can't be used any more. Below is what became of it."),
    "unshowable": get_texts(ConfigurationError, Audience.LEARNER, about="code").text,
}


@dataclass(frozen=True)
class OwnCode:
    """One token that can be used; ``code`` is empty until the learner has asked for it."""

    assignment: CodeAssignment
    giver: str
    redeem_by: str
    days_left: int | None
    code: str = ""


@dataclass(frozen=True)
class PastCode:
    """One that can't be used any more, and why; ``receipt`` when the learner used it."""

    assignment: CodeAssignment
    giver: str
    what: str
    receipt: Any = None


@tokens_page
@require_safe
def own_codes(request: HttpRequest) -> HttpResponse:
    return show_list(request)


def show_list(
    request: HttpRequest, *, codes: dict[int, str] | None = None, status: int = 200
) -> HttpResponse:
    """The page, with the ``codes`` that were asked for by their assignment's id."""
    now = timezone.now()
    own = assignment_queries.list_own_codes(get_user(request), now=now)
    return render_page(
        request,
        "own_codes/list.html",
        status=status,
        usable=[_describe(each, now, (codes or {}).get(each.pk, "")) for each in own.usable],
        past=_describe_past(request, own.past),
        is_shown=bool(codes),
    )


def _describe(assignment: CodeAssignment, now: datetime, code: str) -> OwnCode:
    limit = assignment.code.order.redeem_by
    is_soon = limit is not None and limit - now <= SOON
    return OwnCode(
        assignment,
        giver=_write_giver(assignment),
        redeem_by=write_last_day(limit) if limit else "",
        days_left=count_days_left(limit, now) if is_soon and limit else None,
        code=code,
    )


def _describe_past(request: HttpRequest, assignments: list[CodeAssignment]) -> list[PastCode]:
    paid = Redemption.objects.filter(code__in=[each.code_id for each in assignments], live=True)
    redemptions = {redemption.code_id: redemption for redemption in paid}
    return [
        _describe_one(each, redemptions.get(each.code_id), request.user.pk) for each in assignments
    ]


def _describe_one(
    assignment: CodeAssignment, redemption: Redemption | None, learner_id: int | None
) -> PastCode:
    giver = _write_giver(assignment)
    if redemption is not None and redemption.learner_id == learner_id:
        what = _("You used it on %(day)s.") % {"day": write_day(redemption.created_at)}
        return PastCode(assignment, giver, what, receipt=redemption.uuid)
    code = assignment.code
    if code.status == CodeStatus.REDEEMED:
        return PastCode(assignment, giver, str(_("It has been used.")))
    if code.status == CodeStatus.AVAILABLE and code.order.redeem_by is not None:
        text = _("It had to be used by %(day)s. Ask whoever gave it to you for another one.")
        return PastCode(assignment, giver, text % {"day": write_last_day(code.order.redeem_by)})
    text = _("It was cancelled. Ask whoever gave it to you for another one.")
    return PastCode(assignment, giver, str(text))


def _write_giver(assignment: CodeAssignment) -> str:
    """The giver, and the organisation where that is known."""
    name = host.get_full_name(assignment.batch.actor)
    account = assignment.code.order.account
    return f"{name}, {account}" if account is not None else name


@tokens_page
def use_code(request: HttpRequest, assignment_id: int) -> HttpResponse:
    """Choose the token to pay with, and go on to Review: nothing is taken before Finish.

    The code itself goes nowhere: what the session keeps is what it would of an entered one.
    """
    assignment = _find(request, assignment_id)
    if request.method != "POST":
        return redirect("token_payments:own_codes")
    if assignment is None:
        return _refuse(request)
    item_key = assignment.code.order.course.item_key
    reference = checkout_queries.refer_to_code(assignment.code)
    session.remember(request, item_key, method=TOKEN_CODE_METHOD, reference=reference)
    return redirect("token_payments:review", item_key=item_key)


@tokens_page
def show_code(request: HttpRequest, assignment_id: int) -> HttpResponse:
    """The list with this code in full, logged for whoever looks after its order."""
    assignment = _find(request, assignment_id)
    if request.method != "POST":
        return redirect("token_payments:own_codes")
    if assignment is None:
        return _refuse(request)
    try:
        code = assignment_operations.reveal_own_code(
            assignment, user=get_user(request), now=timezone.now()
        )
    except ConfigurationError:
        tell(request, REFUSED["unshowable"], level=messages.ERROR)
        return show_list(request, status=503)
    return show_list(request, codes={assignment.pk: code})


def _find(request: HttpRequest, assignment_id: int) -> CodeAssignment | None:
    """The visitor's, if it can be used now. Raises Http404 for what was never the visitor's."""
    now = timezone.now()
    found = assignment_queries.find_own_code(get_user(request), assignment_id, now=now)
    if found is None and not _was_own(request, assignment_id):
        raise Http404
    return found


def _was_own(request: HttpRequest, assignment_id: int) -> bool:
    past = assignment_queries.list_own_codes(get_user(request), now=timezone.now()).past
    return any(each.pk == assignment_id for each in past)


def _refuse(request: HttpRequest) -> HttpResponse:
    address = reverse("token_payments:own_codes")
    return go_and_tell(request, address, REFUSED["gone"], level=messages.ERROR)
