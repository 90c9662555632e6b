"""Each catalogue has every text of the code, whole, and is compiled.

Without gettext: Django writes a template as calls of gettext, Babel finds these calls.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po
from django.apps import apps
from django.utils.translation.template import templatize

import token_payments

PACKAGE = Path(token_payments.__file__).parent
CATALOGUES = sorted(PACKAGE.glob("locale/*/LC_MESSAGES/django.po"))
KEYWORDS = DEFAULT_KEYWORDS | {
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext_lazy": (1, 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext_lazy": ((1, "c"), 2, 3),
}
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd%]|</?\w[^>]*>|&\w+;")

Key = tuple[str, str | None]


def list_sources() -> Iterator[str]:
    """Modules as they are; templates as the calls that are in them, each on a line of its own."""
    for path in PACKAGE.rglob("*.py"):
        if "migrations" not in path.parts:
            yield path.read_text()
    for pattern in ("*.html", "*.txt"):
        for path in PACKAGE.glob(f"templates/**/{pattern}"):
            lines = templatize(path.read_text(), origin=str(path)).splitlines()
            yield "\n".join(line.strip() for line in lines)


@pytest.fixture(scope="module")
def texts() -> set[Key]:
    """What the code asks to be translated: the text, or the first of its two forms; its context."""
    found: set[Key] = set()
    for source in list_sources():
        if "gettext" in source:
            for _, text, _, context in extract("python", BytesIO(source.encode()), KEYWORDS):
                found.add((text if isinstance(text, str) else text[0], context))
    return found


def read(path: Path) -> Catalog:
    with path.open("rb") as file:
        return read_po(file, abort_invalid=True)


def list_messages(catalogue: Catalog) -> list[Message]:
    return [message for message in catalogue if message.id]


def list_forms(text: str | tuple[str, ...] | list[str] | None) -> list[str]:
    return [text or ""] if text is None or isinstance(text, str) else list(text)


def get_key(message: Message) -> Key:
    """Babel before 2.19 leaves the context of a compiled message as bytes."""
    context: str | bytes | None = message.context
    if isinstance(context, bytes):
        context = context.decode()
    return list_forms(message.id)[0], context


def compare(message: Message) -> bool:
    """Whether each form has the placeholders, tags and entities of the text, and none other."""
    sources, forms = list_forms(message.id), list_forms(message.string)
    wanted = [sorted(PLACEHOLDER.findall(source)) for source in sources]
    return all(
        sorted(PLACEHOLDER.findall(form)) == wanted[min(number, len(wanted) - 1)]
        for number, form in enumerate(forms)
    )


def test_there_is_a_catalogue() -> None:
    assert "fr" in [path.parent.parent.name for path in CATALOGUES]


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.parent.parent.name)
class TestCatalogue:
    def test_has_the_texts_of_the_code_and_no_others(self, path: Path, texts: set[Key]) -> None:
        """Run `make translations` and translate what is new."""
        assert {get_key(message) for message in list_messages(read(path))} == texts

    def test_every_text_is_translated(self, path: Path) -> None:
        messages = list_messages(read(path))
        left = [get_key(message) for message in messages if not all(list_forms(message.string))]
        assert left == []
        assert [get_key(message) for message in messages if message.fuzzy] == []

    def test_placeholders_and_markup_are_those_of_the_text(self, path: Path) -> None:
        assert [get_key(m) for m in list_messages(read(path)) if not compare(m)] == []

    def test_the_compiled_catalogue_is_of_this_one(self, path: Path) -> None:
        """What an LMS reads: wheels are installed without gettext."""
        with path.with_suffix(".mo").open("rb") as file:
            compiled = {get_key(m): list_forms(m.string) for m in list_messages(read_mo(file))}
        written = {get_key(m): list_forms(m.string) for m in list_messages(read(path))}
        assert compiled == written


def test_french_has_its_spaces() -> None:
    """No line breaks before a colon, nor within quotation marks."""
    catalogue = read(PACKAGE / "locale/fr/LC_MESSAGES/django.po")
    wrong = re.compile(r"(?<!\d) [:;?!»](?:\s|$)|« ")
    forms = [form for m in list_messages(catalogue) for form in list_forms(m.string)]
    assert [form for form in forms if wrong.search(form)] == []


def test_no_model_leaves_its_plural_to_django() -> None:
    """Which adds an s, in whatever language."""
    for model in apps.get_app_config("token_payments").get_models():
        if not model.__name__.startswith("Historical"):
            assert model._meta.original_attrs.get("verbose_name_plural"), model
