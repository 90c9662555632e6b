"""The page about the house names files and functions that are there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from scripts import draw_house

REPOSITORY = Path(__file__).resolve().parents[1]
PACKAGE = REPOSITORY / "token_payments"
PAGE = REPOSITORY / "docs" / "how-it-works.md"
TEXT = PAGE.read_text()
#: What is written as a path in the page: not an address, which begins with a slash.
PATHS = sorted(set(re.findall(r"`(\w[\w.-]*/[\w./-]*|\w+\.py)`", TEXT)))
NAMES = re.compile(r"`([\w/]+\.py)` \((`\w+`(?:,\s+`\w+`)*)\)")
NAMED = [(path, name) for path, names in NAMES.findall(TEXT) for name in re.findall(r"\w+", names)]


def find_definition(path: str, name: str) -> bool:
    pattern = rf"^(?:def|class) {name}\b|^{name}\b.* = |^    def {name}\b"
    return re.search(pattern, (PACKAGE / path).read_text(), re.M) is not None


@pytest.mark.parametrize("path", PATHS)
def test_a_path_that_the_page_names_exists(path: str) -> None:
    assert (PACKAGE / path).exists() or (REPOSITORY / path).exists()


@pytest.mark.parametrize(("path", "name"), NAMED)
def test_a_function_stands_in_the_file_that_is_named_with_it(path: str, name: str) -> None:
    assert find_definition(path, name)


def test_there_are_paths_and_names_to_look_for() -> None:
    assert len(PATHS) > 50
    assert ("wallets/spending.py", "expire_issues") in NAMED
    assert not find_definition("wallets/spending.py", "redeem")


def test_every_room_is_in_the_picture_and_has_a_purpose() -> None:
    picture = draw_house.PICTURE.read_text()
    for floor in draw_house.read_floors():
        for room in floor.rooms:
            assert f">{room}</text>" in picture
            assert f"| `{room}` | {draw_house.read_purpose(room)} |" in TEXT
            assert draw_house.read_purpose(room).endswith(".")


def test_the_three_walks_and_the_questions_of_newcomers_are_there() -> None:
    headings = re.findall(r"^## (.+)", TEXT, re.M)
    assert headings[:2] == ["Where is it?", "The house"]
    for walk in ("A Token Code, from the order", "A token, from its issue", "An order, from the"):
        assert any(heading.startswith(walk) for heading in headings)
