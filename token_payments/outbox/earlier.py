"""The same request twice: what it made the first time is found by its key, before any rule."""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from typing import Any, TypeVar

from django.db import IntegrityError
from django.db.models import Model

from token_payments.errors import IdempotencyConflict

M = TypeVar("M", bound=Model)


def find_earlier(
    model: type[M], key: object, /, *, column: str = "idempotency_key", **must_match: Any
) -> M | None:
    """The row that a request with this key made; None when there is none.

    ``must_match`` has the arguments of the request by the names of the row's attributes;
    ``wallet__account_id`` leads through a relation. Raises IdempotencyConflict when one differs.
    """
    rows = model._default_manager.all()
    for related in {path.rpartition("__")[0] for path in must_match} - {""}:
        rows = rows.select_related(related)
    earlier = rows.filter(**{column: key}).first()
    return None if earlier is None else check_same(earlier, key, **must_match)


def check_same(earlier: M, key: object, /, **must_match: Any) -> M:
    """The row, if the request that made it had these arguments. Raises IdempotencyConflict."""
    for path, wanted in must_match.items():
        if reduce(getattr, path.split("__"), earlier) != wanted:
            raise IdempotencyConflict(str(key))
    return earlier


def make_once(make: Callable[[], M], find: Callable[[], M | None]) -> M:
    """The row that ``make`` makes in a transaction of its own.

    Of two that come at once with one key, the second gets what ``find`` finds: the first one's.
    """
    try:
        return make()
    except IntegrityError:
        earlier = find()
        if earlier is None:
            raise
        return earlier
