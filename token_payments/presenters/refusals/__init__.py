"""Every refusal in words: one catalogue, by error class and by who reads it.

``describe_refusal`` answers with title, sentence, advice, next step and HTTP status. The texts of a
class stand together: what can't be paid for in ``paying``, accounts and tokens in ``wallets``,
orders and codes in ``orders``, everything else in ``site``; rows of lists in ``rows``. To word an
error, add its entry there; a test names the audiences that can meet it.

Invariants: every text says what is so, and what to do next. Where nothing was taken or changed it
says that. Strangers get one text for every code that can't be used.

Not its business: who reads (the interfaces know), forms, pages and the shape of answers.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from token_payments.errors import HostRefused, TokenPaymentsError
from token_payments.models import OrderStatus
from token_payments.presenters.refusals import orders, paying, site, wallets
from token_payments.presenters.refusals.base import (
    Audience,
    Entry,
    NextStep,
    Number,
    Refusal,
    Texts,
)
from token_payments.presenters.refusals.rows import ROWS, VERDICTS

CATALOGUE: dict[type[TokenPaymentsError], Entry] = {
    **site.TABLE,
    **paying.TABLE,
    **wallets.TABLE,
    **orders.TABLE,
}
#: Whose words a reason is told in where there is no error; any other reason is the host's.
KINDS: dict[str, type[TokenPaymentsError]] = {
    **{reason: kind for kind in CATALOGUE for reason in kind.reasons},
    **{kind.reason: kind for kind in CATALOGUE if "reason" in vars(kind)},
}


def describe_refusal(
    error: TokenPaymentsError,
    *,
    audience: Audience,
    about: str = "",
    reason: str = "",
    **facts: Any,
) -> Refusal:
    """The words for an error, or for the nearest class above it that has any for the audience.

    ``about`` is what was to be done (order, transfer, load...), where that makes a difference;
    ``reason`` picks another one than the error's first. ``facts`` fill placeholders in beside the
    error's own attributes. Raises the error itself if the catalogue has no texts for the audience.
    """
    kind = type(error)
    reason = reason or _get_entry(kind).pick(error)
    texts = _search(kind, audience, reason, about, error)
    if texts is None:
        if audience is not Audience.PROGRAM:
            raise error
        texts = Texts()
    return _fill_in(_get_entry(kind), texts, kind.reason, _list_facts(error) | facts)


def describe_row(reason: str, *, audience: Audience) -> Refusal:
    """The same for a reason alone: kept with a row, or why a course can't be joined.

    Texts that need facts are left out.
    """
    kind = KINDS.get(reason, HostRefused)
    entry = ROWS.get(reason) or _get_entry(kind)
    texts = entry.find(audience, reason, "", None) or Texts()
    try:
        return _fill_in(entry, texts, reason, {})
    except KeyError:  # facts that were not kept
        return _fill_in(entry, Texts(title=texts.title), reason, {})


def describe_reason(reason: str) -> str:
    """A row's reason in a few words for staff; empty for no reason."""
    return describe_row(reason, audience=Audience.STAFF).title if reason else ""


def get_texts(
    kind: type[TokenPaymentsError], audience: Audience, *, reason: str = "", about: str = ""
) -> Texts:
    """The texts as they stand in the catalogue, for what is shown later. Raises LookupError."""
    texts = _search(kind, audience, reason, about, None)
    if texts is None:
        raise LookupError(f"{kind.__name__} has no words for {audience}")
    return texts


def _get_entry(kind: type[TokenPaymentsError]) -> Entry:
    """The entry of the class, or of the nearest one above it."""
    return next(CATALOGUE[each] for each in kind.__mro__ if each in CATALOGUE)


def _search(
    kind: type[TokenPaymentsError], audience: Audience, reason: str, about: str, error: Any
) -> Texts | None:
    entries = (CATALOGUE[each] for each in kind.__mro__ if each in CATALOGUE)
    found = (entry.find(audience, reason, about, error) for entry in entries)
    return next((texts for texts in found if texts), None)


def _list_facts(error: TokenPaymentsError) -> dict[str, Any]:
    """The facts of the error; its text is what it is about, mostly an account."""
    facts = {"account": str(error), "detail": str(error), **vars(error)}
    if "wait" in facts:  # a minute that has begun is waited out
        facts["minutes"] = max(1, math.ceil(facts["wait"] / 60))
    return facts


def _fill_in(entry: Entry, texts: Texts, reason: str, facts: Mapping[str, Any]) -> Refusal:
    shown = {name: _write(name, value) for name, value in facts.items()}
    title = str((texts.title or entry.title) % shown)
    return Refusal(
        title=title,
        sentence=str(texts.sentence % shown) if texts.sentence else f"{title}.",
        advice=str(texts.advice % shown),
        line=str(texts.line or f"{title}."),
        next_step=texts.next_step,
        status=texts.status or entry.status,
        code=entry.code or reason,
        facts={name: facts[name] for name in entry.facts if name in facts},
    )


def _write(name: str, value: Any) -> Any:
    if name == "state" and value in OrderStatus.values:
        return str(OrderStatus(value).label).lower()
    return Number(value) if isinstance(value, int) else value
