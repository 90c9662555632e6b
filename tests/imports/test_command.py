"""``manage.py token_payments_load``, as an operator runs it."""

from __future__ import annotations

import stat
from io import StringIO
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from django.core.management import CommandError, call_command
from django.test import override_settings

from tests import factories
from tests.imports.base import COURSE
from token_payments.imports.sheets import Bounds, compute_digest
from token_payments.models import Account, AccountMember, LedgerEntry, TokenIssue

pytestmark = pytest.mark.django_db
EXAMPLES = Path(__file__).resolve().parents[2] / "docs" / "examples"


def run(*args: Any) -> tuple[int, str, str]:
    """(exit code, what was printed, what was complained of)."""
    out, err = StringIO(), StringIO()
    try:
        call_command("token_payments_load", *map(str, args), stdout=out, stderr=err)
    except CommandError as error:
        return error.returncode, out.getvalue(), f"{err.getvalue()}{error}"
    return 0, out.getvalue(), err.getvalue()


@pytest.fixture
def accounts(tmp_path: Path) -> Path:
    factories.make_account("Acme")
    file = tmp_path / "accounts.csv"
    file.write_text("name,reference\nAcme,C-1\nBeta,C-2\n")
    return file


def test_a_dry_run_changes_nothing_and_says_what_would_be(accounts: Path) -> None:
    code, out, err = run("accounts", accounts, "--dry-run")
    assert (code, err) == (0, "")
    assert f"2 rows, digest {compute_digest(accounts.read_bytes())}" in out
    assert "1  Will be added" in out
    assert "1  Will be changed" in out
    assert "a dry run" in out
    assert Account.objects.count() == 1


def test_it_loads_in_somebodys_name_with_a_reason(accounts: Path) -> None:
    factories.make_user("olive")
    code, out, _ = run("accounts", accounts, "--as", "olive", "--reason", "New contracts")
    assert (code, "1  Added" in out, "Loaded." in out) == (0, True, True)
    last = Account.objects.get(name="Beta").history.get()
    assert (last.history_user.username, last.history_change_reason) == ("olive", "New contracts")
    code, out, _ = run("accounts", accounts)
    assert (code, "2  Unchanged" in out) == (0, True)


def test_without_a_reason_the_files_name_is_kept(accounts: Path) -> None:
    run("accounts", accounts)
    last = Account.objects.get(name="Beta").history.get()
    assert (last.history_user, last.history_change_reason) == (None, "Loaded from accounts.csv")


def test_an_error_keeps_everything_out_unless_row_by_row(accounts: Path, tmp_path: Path) -> None:
    accounts.write_text("name,reference\nAcme,C-1\nBeta,C-1\nGamma,C-3\n")
    report = tmp_path / "report.csv"
    code, out, err = run("accounts", accounts, "--report", report)
    assert code == 1
    assert "row 3, reference: Row 2 has this already" in err
    assert "Nothing was loaded" in err
    assert "2  Not done" in out
    assert Account.objects.count() == 1
    assert "4,Not done,Gamma" in report.read_text()
    code, out, err = run("accounts", accounts, "--row-by-row", "--report", report)
    assert (code, "the others are loaded" in err) == (1, True)
    assert set(Account.objects.values_list("name", flat=True)) == {"Acme", "Gamma"}
    assert report.read_text().splitlines()[2].startswith("3,Error,Beta,reference,")
    assert stat.S_IMODE(report.stat().st_mode) == 0o600


def test_another_file_than_was_looked_at_is_refused(accounts: Path) -> None:
    digest = compute_digest(accounts.read_bytes())
    assert run("accounts", accounts, "--digest", digest[:12])[0] == 0
    accounts.write_text("name\nEvil\n")
    code, _, err = run("accounts", accounts, "--digest", digest)
    assert (code, "isn't the file" in err) == (2, True)
    assert not Account.objects.filter(name="Evil").exists()


@pytest.mark.parametrize(
    ("content", "part"),
    [(b"colour\nred\n", "no column"), (b"", "empty"), (b"\0\0\0", "neither CSV nor XLSX")],
)
def test_what_cant_be_read_ends_with_two(tmp_path: Path, content: bytes, part: str) -> None:
    file = tmp_path / "file.csv"
    file.write_bytes(content)
    code, _, err = run("accounts", file)
    assert (code, part in err) == (2, True)


def test_a_missing_or_very_large_file_and_a_stranger(accounts: Path, tmp_path: Path) -> None:
    assert run("accounts", tmp_path / "none.csv")[0] == 2
    code, _, err = run("accounts", accounts, "--as", "nobody")
    assert (code, "Nobody has the user name" in err) == (2, True)
    bounds = Bounds(max_bytes=4, max_rows=9)
    path = "token_payments.management.commands.token_payments_load.COMMAND_BOUNDS"
    with mock.patch(path, bounds):
        assert run("accounts", accounts)[0] == 2
    assert Account.objects.count() == 1


@override_settings(TOKEN_PAYMENTS_ENABLED=False)
def test_switched_off_nothing_is_loaded(accounts: Path) -> None:
    code, _, err = run("accounts", accounts)
    assert (code, "switched off" in err) == (2, True)
    assert Account.objects.count() == 1


def test_long_files_say_how_far_they_are(tmp_path: Path) -> None:
    factories.make_account("Acme")
    factories.make_type("Gold")
    file = tmp_path / "issues.csv"
    rows = "".join(f"R-{number},Acme,Gold,1\n" for number in range(1100))
    file.write_text("reference,account,token_type,quantity\n" + rows)
    assert "1000 of 1100 rows looked at" in run("issues", file, "--dry-run")[1]
    assert "500 of 1100 rows done" in run("issues", file, "--row-by-row")[1]
    assert TokenIssue.objects.count() == 1100


def test_at_most_a_few_errors_are_printed(tmp_path: Path) -> None:
    file = tmp_path / "members.csv"
    file.write_text("account,user\n" + "Nobody,ann\n" * 30)
    err = run("members", file)[2]
    assert err.count("No account has") == 20
    assert "and 10 more rows" in err


def test_the_examples_of_the_documentation_load_one_after_the_other() -> None:
    for name in ("ann", "ben"):
        factories.make_user(name)
    factories.make_user("zoe", email="zoé@example.com")
    gold = factories.make_type("Gold")
    factories.make_type("Silver")
    factories.make_course(COURSE)
    factories.make_item(COURSE, methods=["wallet"], token_prices={gold: 1})
    kinds = ("accounts", "members", "issues", "prices")
    assert {path.stem for path in EXAMPLES.glob("*.csv")} == set(kinds)
    for kind in kinds:
        code, _, err = run(kind, EXAMPLES / f"{kind}.csv")
        assert (code, err) == (0, "")
    assert AccountMember.objects.count() == 3
    assert LedgerEntry.objects.count() == 2
    for kind in kinds:
        code, out, _ = run(kind, EXAMPLES / f"{kind}.csv", "--dry-run")
        assert (code, "Will be" in out) == (0, False)
