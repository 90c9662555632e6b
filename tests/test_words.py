"""One name for each thing: what docs/glossary.md has under *Not* stays out."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.words import Place, Where, list_places, split_name

GLOSSARY = Path(__file__).resolve().parents[1] / "docs" / "glossary.md"


@dataclass(frozen=True)
class NotWord:
    """A word that another one stands for; ``pattern`` finds it where it means that thing.

    Names are split into words, so ``list_orders`` reads "list orders". ``apart`` are files in which
    the word means something else, or is the platform's.
    """

    word: str
    instead: str
    where: Where
    pattern: str
    apart: str = ""

    def is_in(self, place: Place) -> bool:
        if not place.kind & self.where or (self.apart and re.search(self.apart, place.path)):
            return False
        return re.search(rf"\b(?:{self.pattern})\b", place.text, re.I | re.M) is not None


NAMES, CODE, EVERYWHERE = Where.NAMES, Where.NAMES | Where.PROSE, Where.EVERYWHERE
#: Where the platform's own spelling names what is the platform's.
HOSTS = "hosts/|lms/|settings/|management/gate|troubleshooting"
#: Where ``sign`` is a signature, and not the author of a change.
SIGNATURES = "once|form|l10n/|webhooks/(delivery|signing)"

NOT_WORDS = (
    NotWord("voucher", "Token Code", EVERYWHERE, "vouchers?", "performance.md"),
    NotWord("coupon", "Token Code", EVERYWHERE, "coupons?"),
    NotWord("catalog", "catalogue", EVERYWHERE, r"(?<![./])catalogs?(?! MFE)"),
    NotWord("wish", "cancellation request", EVERYWHERE, "wish(?:es)?"),
    NotWord("organization", "organisation", CODE, "organizations?"),
    NotWord("purchaser", "buyer", EVERYWHERE, "purchasers?"),
    NotWord("helper", "delegate", NAMES, "helpers?"),
    NotWord("distribution", "assignment", CODE, "distributions?"),
    NotWord("enrollment", "enrolment", EVERYWHERE, "enrollments?", HOSTS),
    NotWord("departure", "unenrolment", CODE, "(?<!sweep )departures?"),
    NotWord("entrance", "availability", CODE, "entrances?"),
    NotWord("standing", "enrolment state", NAMES, "standings?"),
    NotWord("road", "enrolment bypass", NAMES, "roads?"),
    NotWord("write down", "enqueue", NAMES, "write down"),
    NotWord("hand over", "dispatch", NAMES, "hand over"),
    NotWord("cross out", "complete", CODE, "cross(?:es|ed)? out"),
    NotWord("pestered", "rate-limited", CODE, "pestered"),
    NotWord("steer", "manage", NAMES, "steers?"),
    NotWord("examine books", "run doctor", NAMES, "examine books"),
    NotWord("see learner leave", "on unenrolment", NAMES, "see learner leave"),
    NotWord("careful", "with locks", NAMES, "careful"),
    NotWord("words", "texts", NAMES, "words"),
    NotWord("sign", "set change author", NAMES, "^sign$", SIGNATURES),
)


def find_places(not_word: NotWord) -> list[str]:
    return sorted({place.path for place in list_places() if not_word.is_in(place)})


@pytest.mark.parametrize("not_word", NOT_WORDS, ids=lambda each: each.word)
def test_a_word_on_the_not_side_is_out(not_word: NotWord) -> None:
    assert not find_places(not_word), f"{not_word.word}: write {not_word.instead}"


def test_the_glossary_has_the_same_words_on_its_not_side() -> None:
    rows = re.findall(r"^\| \*\*.*\| ([^|]*)\|$", GLOSSARY.read_text(), re.MULTILINE)
    listed = [word.strip() for cell in rows for word in cell.split(",") if word.strip()]
    assert sorted(listed) == sorted(each.word for each in NOT_WORDS)


def test_words_are_found_in_names_docstrings_comments_texts_templates_and_pages() -> None:
    assert split_name("TokenOrder") == split_name("token_order") == "token order"
    assert split_name("_find_open_ROADS2") == "find open roads2"
    found = {(place.path, place.kind): place.text.splitlines() for place in list_places()}
    api = "token_payments/api.py"
    assert "raise issue" in found[api, Where.NAMES]
    assert "raise_issue" in found[api, Where.TEXTS]
    kinds = {(path.rpartition(".")[2], kind) for path, kind in found}
    assert kinds >= {("py", Where.PROSE), ("html", Where.TEXTS), ("md", Where.PROSE)}
