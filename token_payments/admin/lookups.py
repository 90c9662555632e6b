"""Suggestions for text fields: JSON for signed-in staff who may fill in the form in question."""

from __future__ import annotations

from collections.abc import Sequence

from django.http import HttpRequest, JsonResponse

MIN_LENGTH = 2


def read_text(request: HttpRequest) -> str:
    """The text typed so far; empty while it is too short to look anything up."""
    text = request.GET.get("q", "").replace("\0", "").strip()
    return text if len(text) >= MIN_LENGTH else ""


def answer(options: Sequence[tuple[str, str]]) -> JsonResponse:
    """The (value, label) pairs as ``{"options": [{"value": ..., "label": ...}]}``."""
    return JsonResponse({"options": [{"value": value, "label": label} for value, label in options]})
