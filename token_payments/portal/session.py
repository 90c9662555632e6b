"""A learner's choices at checkout: one per course, in the session until it is paid.

A choice may be made by a visitor who signs in later: it becomes theirs then. Whose choice it is
stands in it, and nobody else is ever given it, should a session outlive its user.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from django.http import HttpRequest

SESSION_KEY = "token_payments_checkout"
MAX_CHOICES = 10  # courses; the one chosen longest ago makes room


@dataclass(frozen=True)
class Choice:
    """A way to pay for one course: ``nonce`` is the key of Review's form, which leads to Finish.

    ``user_id`` is None until somebody has signed in.
    """

    method: str
    reference: Mapping[str, str]
    nonce: str
    user_id: int | None


def remember(
    request: HttpRequest, item_key: str, *, method: str, reference: Mapping[str, str]
) -> Choice:
    """Keep a choice. The same one, made again, stays what it was, with its nonce."""
    earlier = recall(request, item_key)
    if earlier and (earlier.method, earlier.reference) == (method, dict(reference)):
        return earlier
    choice = Choice(method, dict(reference), uuid.uuid4().hex, request.user.pk)
    _store(request, item_key, choice)
    return choice


def recall(request: HttpRequest, item_key: str) -> Choice | None:
    """The choice for this course, if it is this visitor's."""
    stored = request.session.get(SESSION_KEY, {}).get(item_key)
    if stored is None:
        return None
    choice = Choice(**stored)
    if choice.user_id == request.user.pk:
        return choice
    if choice.user_id is not None:
        forget(request, item_key)
        return None
    claimed = replace(choice, user_id=request.user.pk)
    _store(request, item_key, claimed)
    return claimed


def forget(request: HttpRequest, item_key: str) -> None:
    choices: dict[str, Any] = dict(request.session.get(SESSION_KEY, {}))
    if choices.pop(item_key, None):
        request.session[SESSION_KEY] = choices


def _store(request: HttpRequest, item_key: str, choice: Choice) -> None:
    choices: dict[str, Any] = dict(request.session.get(SESSION_KEY, {}))
    choices.pop(item_key, None)
    choices[item_key] = asdict(choice)
    request.session[SESSION_KEY] = dict(list(choices.items())[-MAX_CHOICES:])
