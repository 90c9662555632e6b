"""How the portal answers: pages in the host's frame, and what they tell of the step before.

What was done, or wasn't, is told once, by ``django.contrib.messages``, on the page that comes next.
Messages of others wait for a page of theirs: only the host knows how its own are drawn.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.paginator import Page, Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from token_payments import conf

OURS = "token_payments"  # the tag of our messages


@dataclass(frozen=True)
class Note:
    """A message above a page's content; urgent ones say so first, for every reader."""

    text: str
    is_warning: bool
    is_urgent: bool


def tell(request: HttpRequest, text: Any, *, level: int = messages.SUCCESS) -> None:
    """Tell it on this page, or on the next one: WARNING for what wasn't done, ERROR is urgent."""
    messages.add_message(request, level, text, extra_tags=OURS)


def go_and_tell(
    request: HttpRequest, address: str, text: Any, *, level: int = messages.SUCCESS
) -> HttpResponse:
    """Lead to an address, where ``text`` is told."""
    tell(request, text, level=level)
    return redirect(address)


def render_page(
    request: HttpRequest, template: str, *, status: int = 200, **context: Any
) -> HttpResponse:
    """A page in the host's frame: ``template`` below ``token_payments/``.

    The host's frame is given no messages, so that it can't draw ours once more.
    """
    notes = _take_notes(request)
    shared = {
        "base_template": conf.base_template(),
        "messages": (),
        "notes": notes,
        "has_problem": bool(context.get("errors")) or any(note.is_urgent for note in notes),
    }
    return render(request, f"token_payments/{template}", shared | context, status=status)


def get_page(request: HttpRequest, rows: Any, size: int) -> Page[Any]:
    """The page of the rows that the address names, or the nearest one."""
    return Paginator(rows, size).get_page(request.GET.get("page"))


def write_query(request: HttpRequest) -> str:
    """The address's query, without the page."""
    query = request.GET.copy()
    query.pop("page", None)
    return query.urlencode()


def _take_notes(request: HttpRequest) -> list[Note]:
    ours: list[Note] = []
    for message in messages.get_messages(request):
        if message.extra_tags == OURS:
            is_urgent = message.level >= messages.ERROR
            ours.append(Note(message.message, message.level >= messages.WARNING, is_urgent))
        else:
            messages.add_message(request, message.level, message.message, message.extra_tags)
    return ours
