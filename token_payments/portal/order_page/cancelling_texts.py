"""Why so many tokens can't be cancelled, and what to do, as owners of an order read it."""

from __future__ import annotations

from django.utils.translation import gettext, ngettext

from token_payments.l10n.formats import format_number
from token_payments.models import TokenOrder


def explain_lack(order: TokenOrder, free: int, assigned: int) -> str:
    """How many can be cancelled; of codes also how many more after they are taken back."""
    if free == 0:
        text = gettext("No unused tokens are left that could be cancelled.")
    else:
        text = ngettext(
            "Only %(number)s token can be cancelled: enter 1.",
            "Only %(number)s tokens can be cancelled: enter a smaller number.",
            free,
        ) % {"number": format_number(free)}
    if order.is_for_wallet or not assigned:
        return text
    more = ngettext(
        "%(number)s more is unused but assigned to a learner: take it back first.",
        "%(number)s more are unused but assigned to learners: take them back first.",
        assigned,
    )
    return f"{text} {more % {'number': format_number(assigned)}}"


def explain_choice(wanted: int, free: int, assigned: int) -> str:
    """Why not all of the ``wanted`` codes that were chosen can be cancelled."""
    text = gettext(
        "%(free)s of these %(wanted)s can be cancelled. Look at the list of tokens: the others are "
        "used, cancelled, assigned to learners or not in this order."
    ) % {"free": format_number(free), "wanted": format_number(wanted)}
    if not assigned:
        return text
    more = ngettext(
        "%(number)s is assigned to a learner: take it back first.",
        "%(number)s are assigned to learners: take them back first.",
        assigned,
    )
    return f"{text} {more % {'number': format_number(assigned)}}"
