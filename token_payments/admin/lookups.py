"""Suggestions for text fields: JSON for signed-in staff who may fill in the form in question."""

from __future__ import annotations

from collections.abc import Sequence

from django import forms
from django.http import HttpRequest, JsonResponse
from django.urls import reverse

from token_payments.db.numbers import read_number as read_number  # noqa: PLC0414 (for its neighbours)

MIN_LENGTH = 2


def read_text(request: HttpRequest) -> str:
    """What was typed so far; empty while it is too short to look anything up."""
    text = request.GET.get("q", "").replace("\0", "").strip()
    return text if len(text) >= MIN_LENGTH else ""


def answer(options: Sequence[tuple[str, str]]) -> JsonResponse:
    """The (value, label) pairs as ``{"options": [{"value": ..., "label": ...}]}``."""
    return JsonResponse({"options": [{"value": value, "label": label} for value, label in options]})


def suggest_from(form: forms.BaseForm, field: str, page: str) -> None:
    """Have a text field suggest what a page of ``pages.suggesting`` finds."""
    form.fields[field].widget.attrs.update(
        {
            "class": "vTextField",
            "autocomplete": "off",
            "data-suggest": reverse(f"admin:token_payments_{page}"),
        }
    )
