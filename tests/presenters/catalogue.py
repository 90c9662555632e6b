"""The catalogue of refusals as a list, for tests that look at many of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from token_payments.errors import TokenPaymentsError
from token_payments.presenters.refusals import CATALOGUE, Audience, get_texts
from token_payments.presenters.refusals.base import Texts

Kind = type[TokenPaymentsError]


def list_keys(kind: Kind, audience: Audience) -> list[str]:
    """What picks the words of an audience where they go by reason; ``[""]`` where they don't."""
    cell: Any = getattr(CATALOGUE[kind], audience.value, None)
    return list(cell) if isinstance(cell, Mapping) else [""]


def list_pages() -> Iterator[tuple[str, Texts]]:
    """The refusals that a learner gets a whole page for, by reason."""
    seen: list[Texts] = []
    for kind, entry in CATALOGUE.items():
        for key in list_keys(kind, Audience.LEARNER) if entry.learner else ():
            words = get_texts(kind, Audience.LEARNER, reason=key)
            if words.title and words not in seen:
                seen.append(words)
                yield key or kind.reason, words
