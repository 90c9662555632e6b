"""Kinds of cells: each one reads a cell's text, or says what to write instead."""

from __future__ import annotations

import re
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from babel.numbers import list_currencies
from django.db.models import TextChoices
from django.utils.translation import gettext
from django_countries import countries

from token_payments.l10n.dates import end_of_day
from token_payments.l10n.formats import format_number

#: "1,200" may be a thousand or one and a fifth: a comma has one or two decimals behind it.
MONEY = re.compile(r"\d{1,10}(\.\d{1,3}|,\d{1,2})?", re.ASCII)
DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
WHOLE = re.compile(r"\d{1,18}", re.ASCII)
LAST_YEAR = 9998  # what every database takes, in any zone


class CellRefused(Exception):
    """The text says what is wrong and what to write."""


class TextCell:
    """Words in one line, of at most ``length`` characters."""

    def __init__(self, length: int) -> None:
        self.length = length

    def read(self, text: str) -> Any:
        return self._check(" ".join(_clean(text).split()))

    def _check(self, text: str) -> str:
        if len(text) > self.length:
            most = format_number(self.length)
            raise CellRefused(
                gettext("Too long: write at most %(most)s characters.") % {"most": most}
            )
        return text


class LinesCell(TextCell):
    """Text of one or several lines."""

    def read(self, text: str) -> str:
        lines = [" ".join(_clean(line).split()) for line in text.splitlines()]
        return self._check("\n".join(line for line in lines if line))


class Whole:
    """A whole number from 1 to ``most``, without separators."""

    def __init__(self, most: int) -> None:
        self.most = most

    def read(self, text: str) -> int:
        if not WHOLE.fullmatch(text) or not 1 <= int(text) <= self.most:
            raise CellRefused(
                gettext(
                    "Write a whole number from 1 to %(most)s, in digits alone: 1200, not 1,200."
                )
                % {"most": format_number(self.most)}
            )
        return int(text)


class Money:
    """An amount: digits, and a point (or a comma before one or two digits) for decimals."""

    def read(self, text: str) -> Decimal:
        if not MONEY.fullmatch(text):
            raise CellRefused(
                gettext("Write the amount as digits with a point for decimals: 1200 or 149.50.")
            )
        return Decimal(text.replace(",", "."))


class Currency:
    """Three letters of ISO 4217."""

    def read(self, text: str) -> str:
        if text.upper() not in list_currencies():
            raise CellRefused(
                gettext("“%(text)s” is not a currency: write three letters, e.g. GBP.")
                % {"text": shorten(text)}
            )
        return text.upper()


class Country:
    """Two letters of ISO 3166, or the country's name in the reader's language."""

    def read(self, text: str) -> str:
        if text.upper() in countries:
            return text.upper()
        code = str(countries.by_name(text))
        if not code:
            raise CellRefused(
                gettext("“%(text)s” is not a country: write two letters, e.g. GB.")
                % {"text": shorten(text)}
            )
        return code


class Day:
    """A day as 2030-12-31: the end of it, in the site's zone."""

    def read(self, text: str) -> datetime:
        try:
            day = date.fromisoformat(text) if DAY.fullmatch(text) else None
        except ValueError:
            day = None
        if day is None or day.year > LAST_YEAR:
            raise CellRefused(
                gettext(
                    "Write the day as year-month-day, e.g. 2030-12-31: in 03/12/2030 nobody knows "
                    "which is the month."
                )
            )
        return end_of_day(day)


class ChoiceCell:
    """One of a few words, or what they are called in the reader's language."""

    def __init__(self, choices: type[TextChoices]) -> None:
        self.choices = choices

    def read(self, text: str) -> str:
        for value, label in self.choices.choices:
            if text.casefold() in (value.casefold(), str(label).casefold()):
                return str(value)
        known = ", ".join(self.choices.values)
        raise CellRefused(gettext("Write one of: %(words)s.") % {"words": known})


def shorten(text: str) -> str:
    """The text as far as a sentence can hold it."""
    most = 60
    return text if len(text) <= most else f"{text[: most - 1]}…"


def _clean(text: str) -> str:
    """Without what can't be printed: zero-width marks, NULs, halves of emoji."""
    return "".join(c if c.isprintable() else " " for c in text)
