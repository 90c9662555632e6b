"""The JSON that front ends get."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.conf import settings
from django.http import QueryDict
from django.shortcuts import resolve_url
from django.urls import reverse

from token_payments.catalogue.queries import Price
from token_payments.checkout.queries import Availability
from token_payments.hosts import host
from token_payments.l10n.formats import count_decimals, format_money, format_number
from token_payments.models import WALLET_METHOD
from token_payments.presenters.refusals import Audience, describe_row


def describe_availability(availability: Availability, *, is_signed_in: bool) -> dict[str, Any]:
    """All addresses are whole ones: a front end may be on another host than the LMS."""
    item, offer = availability.host_item, availability.offer
    address = host.absolute_url
    checkout = reverse("token_payments:checkout", kwargs={"item_key": item.key}) if offer else None
    is_priced_in_money = offer is not None and offer.methods != {WALLET_METHOD}
    return {
        "item_key": item.key,
        "title": item.title,
        "state": availability.state.value,
        "refusal": write_refusal(availability.refusal) if availability.refusal else None,
        "prices": {
            "money": _write_money(offer.price) if offer and is_priced_in_money else None,
            "tokens": [_write_tokens(*price) for price in availability.token_prices],
        },
        "methods": [
            {"slug": method.slug, "name": str(method.label)} for method in availability.methods
        ],
        "checkout_url": address(checkout) if checkout else None,
        "login_url": None if is_signed_in else address(_sign_in(checkout or item.about_url)),
        "course_url": address(item.home_url),
        "free_url": address(item.free_url) if item.free_url else None,
    }


def write_refusal(reason: str) -> dict[str, str]:
    """Why a course can't be joined, in a line that fits beside a button."""
    return {"code": reason, "text": describe_row(reason, audience=Audience.LEARNER).line}


def _write_money(price: Price | None) -> dict[str, str] | None:
    """``amount`` as a text, so that no front end rounds it: "149.00"."""
    if price is None:
        return None
    return {
        "amount": f"{_trim(price.amount, count_decimals(price.currency)):f}",
        "currency": price.currency,
        "text": format_money(price.amount, price.currency),
    }


def _trim(amount: Decimal, decimals: int) -> Decimal:
    """As many decimals as the currency has, more where the amount does."""
    cut = amount.quantize(Decimal(1).scaleb(-decimals))
    return cut if cut == amount else amount.normalize()


def _write_tokens(quantity: int, type_name: str) -> dict[str, Any]:
    text = f"{format_number(quantity)} {type_name}"
    return {"type": type_name, "amount": quantity, "text": text}


def _sign_in(path: str) -> str:
    """The host's sign-in page, which leads to ``path`` afterwards."""
    query = QueryDict(mutable=True)
    query["next"] = path
    return f"{resolve_url(settings.LOGIN_URL)}?{query.urlencode(safe='/')}"
