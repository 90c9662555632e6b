"""Notes for buyers on a course that can't take as many learners as there would be tokens."""

from __future__ import annotations

from django.utils.translation import gettext, ngettext

from token_payments.checkout import queries as checkout_queries
from token_payments.hosts.base import User
from token_payments.l10n.formats import format_number
from token_payments.models import CatalogueItem


def explain_places(item: CatalogueItem, wanted: int, *, user: User) -> str:
    """Why not each of ``wanted`` tokens would enrol somebody now; empty when each would."""
    places = checkout_queries.get_places(item, user=user)
    if places.is_closed:
        return gettext(
            "Enrolment in this course is closed at the moment: nobody can redeem a token for it."
        )
    if not places.are_too_few(wanted):
        return ""
    if not places.left:
        return gettext(
            "No place is left in this course: nobody can redeem a token before there are more."
        )
    text = ngettext(
        "Only %(number)s place is left in this course: more tokens than that can't be redeemed.",
        "Only %(number)s places are left in this course: more tokens than that can't be redeemed.",
        places.left,
    )
    return text % {"number": format_number(places.left)}
