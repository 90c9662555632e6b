"""What is promised around the code: entry point, version, package data, documentation."""

from __future__ import annotations

import re
import tomllib
from importlib.metadata import entry_points
from pathlib import Path

import pytest

import token_payments
from scripts import changelog, write_docs
from token_payments import conf
from token_payments.apps import TokenPaymentsConfig

REPOSITORY = Path(__file__).resolve().parents[1]
TUTOR_PLUGIN = REPOSITORY / "tutor" / "tutor_token_payments"
PYPROJECT = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())
PAGES = [*REPOSITORY.glob("*.md"), *REPOSITORY.glob("docs/**/*.md")]
LINK = re.compile(r"""(?:\]\(|src=")([^)"#\s]+)""")

TARGET = re.compile(r"(?:`|^)make ([a-z-]+)(?:`| {2,})", re.M)


def test_the_lms_finds_the_plugin_by_its_entry_point() -> None:
    [found] = entry_points(group="lms.djangoapp", name="token_payments")
    assert found.load() is TokenPaymentsConfig


def test_the_changelog_begins_with_what_is_not_released() -> None:
    headings = re.findall(r"^## \[(.+?)\]", (REPOSITORY / "CHANGELOG.md").read_text(), re.M)
    assert headings[0] == "Unreleased"
    assert re.fullmatch(r"\d+\.\d+\.\d+", token_payments.__version__)
    assert changelog.compute_version() == token_payments.__version__


def test_every_file_of_the_package_is_of_a_kind_that_the_wheel_takes() -> None:
    patterns = PYPROJECT["tool"]["setuptools"]["package-data"]["token_payments"]
    package = REPOSITORY / "token_payments"
    packed = {path for pattern in patterns for path in package.glob(pattern)}
    files = {path for path in package.rglob("*") if path.is_file()}
    code = {path for path in files if path.suffix in (".py", ".pyc")}
    assert files - code - packed == set()


def test_the_tutor_plugin_has_the_packages_version() -> None:
    text = (TUTOR_PLUGIN / "__init__.py").read_text()
    assert f'__version__ = "{token_payments.__version__}"' in text


def test_what_tutor_can_be_told_is_documented() -> None:
    names = set(re.findall(r'"([A-Z_]+)": ', (TUTOR_PLUGIN / "plugin.py").read_text()))
    page = (REPOSITORY / "docs" / "install.md").read_text()
    documented = set(re.findall(r"^\| `TOKEN_PAYMENTS_([A-Z_]+)` \|", page, re.M))
    assert documented == names - {"VERSION"}


def test_pinned_release_has_every_dependency() -> None:
    pins = (REPOSITORY / "requirements" / "verawood.txt").read_text()
    names = {re.split(r"[<>=\[]", line)[0] for line in PYPROJECT["project"]["dependencies"]}
    pinned = set(re.findall(r"^([a-z-]+)==", pins, re.M))
    assert names - pinned == set()


def test_each_setting_is_annotated_and_documented() -> None:
    names = {setting["name"] for setting in write_docs.read_annotations()}
    keys = {f'TOKEN_PAYMENTS["{key}"]' for key in conf.DEFAULTS}
    assert names == {"TOKEN_PAYMENTS_ENABLED", *keys}


@pytest.mark.parametrize("page", ["settings.md", "how-it-works.md", "events.md"])
def test_what_is_written_from_the_code_is_up_to_date(page: str) -> None:
    path = REPOSITORY / "docs" / page
    assert path.read_text() == write_docs.render_pages()[path], "run scripts/write_docs.py"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(REPOSITORY)))
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    local = [link for link in LINK.findall(page.read_text()) if "://" not in link]
    missing = [link for link in local if not (page.parent / link).exists()]
    assert missing == []


def test_make_targets_that_the_texts_name_exist() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (REPOSITORY / "Makefile").read_text(), re.M))
    named = {name for page in PAGES for name in TARGET.findall(page.read_text())}
    assert named - targets == set()
