"""Entries of the catalogue of refusals, and the refusals made of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from operator import attrgetter
from typing import Any

from django.utils.functional import Promise
from django.utils.text import format_lazy

from token_payments.errors import TokenPaymentsError
from token_payments.l10n.formats import format_number


class Audience(StrEnum):
    """The readers of a refusal.

    LEARNER pays for a course; CUSTOMER manages an account or looks after an order; STAFF works in
    the admin or with commands; PROGRAM calls the REST API.
    """

    LEARNER = "learner"
    CUSTOMER = "customer"
    STAFF = "staff"
    PROGRAM = "program"


class NextStep(StrEnum):
    """Where the button of a learner's page leads."""

    COURSE = "course"
    ABOUT = "about"
    CHECKOUT = "checkout"
    REVIEW = "review"
    ENROL_AGAIN = "enrol_again"
    NONE = "none"


@dataclass(frozen=True)
class Texts:
    """The texts of one audience, translated lazily, with placeholders for facts.

    Without a sentence it is the title, without a title that of the entry. ``line`` is for where
    one line has to do; ``status`` is HTTP's where it isn't the entry's.
    """

    sentence: Any = ""
    advice: Any = ""
    title: Any = ""
    line: Any = ""
    next_step: NextStep = NextStep.ABOUT
    status: int = 0

    @property
    def text(self) -> Any:
        """Sentence and advice in one text, lazily; for texts without placeholders."""
        return format_lazy("{} {}", self.sentence, self.advice) if self.advice else self.sentence


#: A sentence is as good as words that have no more.
Said = Texts | Promise
#: What one audience reads: the same in any case, by reason, or made of the error and ``about``.
Cell = Said | Mapping[str, Said] | Callable[[Any, str], Texts] | None


@dataclass(frozen=True)
class Entry:
    """An error class: ``title`` is what is so, in a few words, and all that a program is told.

    ``code`` is for programs, "" where it is the class's reason; ``facts`` are the error's
    attributes that they get. ``pick`` finds the key of a cell that goes by reason.
    """

    title: Any
    status: int = 409
    code: str = ""
    facts: tuple[str, ...] = ()
    learner: Cell = None
    customer: Cell = None
    staff: Cell = None
    pick: Callable[[Any], str] = attrgetter("reason")

    def find(self, audience: Audience, reason: str, about: str, error: Any) -> Texts | None:
        """The words for this reason and what it is about, else those for any other case."""
        cell: Cell = getattr(self, audience.value, None)
        if isinstance(cell, Mapping):
            keys = [*([f"{about}.{reason}", about] if about else []), reason, ""]
            cell = next((cell[key] for key in keys if key in cell), None)
        if cell is None or isinstance(cell, Texts):
            return cell
        if isinstance(cell, Promise):
            return Texts(cell)
        return None if error is None else cell(error, about)


Table = Mapping[type[TokenPaymentsError], Entry]


@dataclass(frozen=True)
class Refusal:
    """A refusal in words: what is so, and what to do; ``facts`` are for programs."""

    title: str
    sentence: str
    advice: str
    line: str
    next_step: NextStep
    status: int
    code: str
    facts: Mapping[str, Any] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """Sentence and advice, where one paragraph tells both."""
        return f"{self.sentence} {self.advice}".strip()


class Number(int):
    """A number that texts have with its thousands apart, and plurals go by."""

    def __str__(self) -> str:
        return format_number(int(self))
