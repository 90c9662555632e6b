"""Suggestions for text fields: JSON for staff; accounts are entered with them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.db.models import Q
from django.http import HttpRequest, JsonResponse
from django.utils.translation import gettext_lazy as _

from token_payments.models import Account


class AccountField(forms.CharField):
    """An account, entered by its name or customer number. Cleans to the account."""

    def clean(self, value: Any) -> Account | None:
        text = super().clean(value)
        if not text:
            return None
        accounts = Account.objects.all()
        found = accounts.filter(name=text).first() or accounts.filter(reference=text).first()
        if found is None:
            raise forms.ValidationError(
                _("No account has the name or customer number “%(text)s”."), params={"text": text}
            )
        return found


def suggest_accounts(text: str, *, limit: int = 10) -> list[tuple[str, str]]:
    """(name, customer number or name) of accounts of which ``text`` is a part of either."""
    found = Account.objects.filter(Q(name__icontains=text) | Q(reference__icontains=text))
    return [(row.name, row.reference or row.name) for row in found.order_by("name")[:limit]]


MIN_LENGTH = 2


def read_text(request: HttpRequest) -> str:
    """The text typed so far; empty while it is too short to look anything up."""
    text = request.GET.get("q", "").replace("\0", "").strip()
    return text if len(text) >= MIN_LENGTH else ""


def answer(options: Sequence[tuple[str, str]]) -> JsonResponse:
    """The (value, label) pairs as ``{"options": [{"value": ..., "label": ...}]}``."""
    return JsonResponse({"options": [{"value": value, "label": label} for value, label in options]})
