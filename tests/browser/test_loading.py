"""Loading from a file: a course admin's story, on a desktop and on a phone; in French."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, ViewportSize, expect

from scripts.demo import Demo
from tests.browser import steps
from tests.browser.conftest import Visit
from tests.browser.inspection import Inspection

ACCOUNTS = "/admin/token_payments/account/"
HEAD = "name,reference,billing_street,billing_country\n"


def write(tmp_path: Path, prefix: str, *, is_mended: bool = False) -> Path:
    """Three accounts, of which one has a fault; names are this test's own."""
    file = tmp_path / "New customers of spring.csv"
    country = "FR" if is_mended else "Freedonia"
    rows = (
        f"{prefix} Homes with quite a long name Ltd,{prefix}-1,1 High Street,GB\n"
        f"{prefix} Logistics,{prefix}-2,14 Quayside,GB\n"
        f"{prefix} et fils,{prefix}-3,2 rue de la Paix,{country}\n"
    )
    file.write_text(HEAD + rows, encoding="utf-8")
    return file


def choose(page: Page, file: Path) -> None:
    page.get_by_label("File").set_input_files(file)
    steps.button(page, "Next").click()


def test_a_file_is_reviewed_mended_and_loaded(
    visit: Visit, look: Inspection, size: ViewportSize, tmp_path: Path
) -> None:
    prefix = f"W{size['width']}"
    page = visit("operator", size=size)
    page.goto(ACCOUNTS)
    look(page, "list")
    steps.link(page, "Load accounts").click()
    expect(steps.heading(page, "Load from a file: Accounts")).to_be_visible()
    look(page, "choose")
    steps.button(page, "Next").click()
    expect(page.get_by_text("Choose a file.")).to_be_visible()
    look(page, "no-file")
    choose(page, write(tmp_path, prefix))
    expect(page.get_by_text("“Freedonia” is not a country")).to_be_visible()
    expect(steps.heading(page, "Load 2 rows?")).to_be_visible()
    look(page, "review-with-an-error")
    steps.button(page, "Will be added (2)").click()
    expect(page.get_by_text(f"{prefix} Logistics").first).to_be_visible()
    look(page, "review-of-what-is-added")
    with page.expect_download() as download:
        steps.button(page, "Download all rows as CSV").click()
    assert "Freedonia" in Path(download.value.path()).read_text(encoding="utf-8")
    steps.link(page, "Choose another file").click()
    choose(page, write(tmp_path, prefix, is_mended=True))
    expect(steps.heading(page, "Load 3 rows?")).to_be_visible()
    page.get_by_label("Reason").fill("Contracts of May")
    look(page, "review")
    steps.button(page, "Load").click()
    expect(page.get_by_text("The file is loaded.")).to_be_visible()
    look(page, "loaded")
    with page.expect_download() as download:
        steps.button(page, "Download the report (CSV)").click()
    assert download.value.suggested_filename == "accounts-report.csv"
    steps.link(page, "Load another file").click()
    choose(page, write(tmp_path, prefix, is_mended=True))
    expect(page.get_by_text("There is nothing to load")).to_be_visible()
    look(page, "nothing-to-load")


def test_without_scripts_rows_that_are_fine_are_loaded(
    visit: Visit, look: Inspection, tmp_path: Path
) -> None:
    page = visit("operator", scripts=False)
    page.goto(f"{ACCOUNTS}load/")
    choose(page, write(tmp_path, "Plain"))
    steps.button(page, "Load").click()
    expect(page.get_by_text("Rows with errors were left out")).to_be_visible()
    look.take_picture(page, "left-out")


@pytest.mark.parametrize("where", ["account/load-members", "tokenissue/load", "catalogueitem/load"])
def test_the_other_kinds_of_file(
    visit: Visit, look: Inspection, size: ViewportSize, where: str
) -> None:
    page = visit("operator", size=size)
    page.goto(f"/admin/token_payments/{where}/")
    expect(steps.link(page, "Download a template")).to_be_visible()
    look(page, "choose")


def test_in_french(
    visit: Visit, look: Inspection, size: ViewportSize, tmp_path: Path, demo: Demo
) -> None:
    page = visit("operator", size=size)
    page.context.add_cookies([{"name": "django_language", "value": "fr", "url": demo.url}])
    page.goto(f"{ACCOUNTS}load/")
    expect(steps.heading(page, "Charger depuis un fichier : Comptes")).to_be_visible()
    look(page, "choisir")
    page.get_by_label("Fichier").set_input_files(write(tmp_path, f"Fr{size['width']}"))
    page.locator("input[type=submit].default").click()
    expect(page.get_by_text("« Freedonia » n'est pas un pays")).to_be_visible()
    look(page, "revue")
