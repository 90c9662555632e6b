"""The LMS's settings: what is configured in Tutor is what the LMS gets."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

from tests.tutor.conftest import Tutor, make_tutor
from tests.tutor.rendered import cut_settings, run_settings

REPOSITORY = Path(__file__).resolve().parents[2]
MINI_LMS = REPOSITORY / "mini_lms"


@pytest.mark.parametrize("environment", ["production", "development"])
def test_it_is_on_with_a_key_of_its_own_and_the_sites_name(
    untouched: Tutor, environment: str
) -> None:
    names = run_settings(untouched, environment)
    key = untouched.read_config()["TOKEN_PAYMENTS_CODE_KEY"]
    assert names["TOKEN_PAYMENTS_ENABLED"] is True
    assert names["TOKEN_PAYMENTS"] == {
        "CODE_KEYS": {"1": key},
        "SELLER": {"name": "My Open edX", "email": "contact@local.openedx.io"},
        "ORDERS_EMAIL": ["contact@local.openedx.io"],
        "BUYERS_MAY_CANCEL": False,
    }
    assert len(key) == 64
    assert key.isalnum()


def test_all_that_can_be_configured_arrives_as_it_was_written(tutor: Tutor) -> None:
    seller = {
        "name": 'O\'Neill & "Söhne" \\ 株式会社',
        "address": ["2 Dock Street", "Newcastle"],
        "bank": ["'''", "{x}"],
    }
    tutor.set(
        ENABLED=False,
        TIME_ZONE="Europe/London",
        SELLER=seller,
        ORDERS_EMAIL=["a@example.com", "b@example.com"],
        TAX_RATE=7.7,
        BUYERS_MAY_CANCEL=True,
        SETTINGS={"CODES_IN_MAIL": 50, "ATTEMPTS_PER_USER": "5/1h"},
    )
    names = run_settings(tutor)
    settings = dict(names["TOKEN_PAYMENTS"])
    assert names["TOKEN_PAYMENTS_ENABLED"] is False
    assert set(settings.pop("CODE_KEYS")) == {"1"}
    assert settings == {
        "TIME_ZONE": "Europe/London",
        "SELLER": seller,
        "ORDERS_EMAIL": ["a@example.com", "b@example.com"],
        "TAX_RATE": 7.7,
        "BUYERS_MAY_CANCEL": True,
        "CODES_IN_MAIL": 50,
        "ATTEMPTS_PER_USER": "5/1h",
    }


def test_one_address_need_not_be_a_list_and_none_is_none(tutor: Tutor) -> None:
    tutor.set(ORDERS_EMAIL="a@example.com")
    assert run_settings(tutor)["TOKEN_PAYMENTS"]["ORDERS_EMAIL"] == ["a@example.com"]
    tutor.set(ORDERS_EMAIL="")
    assert run_settings(tutor)["TOKEN_PAYMENTS"]["ORDERS_EMAIL"] == []


def test_checkout_links_of_the_lms_are_ours_where_that_is_wanted(tutor: Tutor) -> None:
    name = "OVERRIDE_GET_CHECKOUT_PAGE_URL"
    assert name not in run_settings(tutor)
    tutor.set(CHECKOUT_LINKS=True)
    module, _, function = run_settings(tutor)[name].rpartition(".")
    assert callable(getattr(import_module(module), function))


def test_the_plugins_own_checks_find_nothing_wrong(untouched: Tutor, tmp_path: Path) -> None:
    """The miniature LMS, with its production settings and behind them what Tutor wrote."""
    (tmp_path / "as_tutor_writes.py").write_text(
        f"from lms.envs.production import *\n\n{cut_settings(untouched)}"
    )
    command = [sys.executable, "manage.py", "check", "--tag", "token_payments"]
    done = subprocess.run(
        [*command, "--fail-level", "WARNING"],
        cwd=MINI_LMS,
        env={
            **os.environ,
            "PYTHONPATH": f"{MINI_LMS}:{REPOSITORY}:{tmp_path}",
            "DJANGO_SETTINGS_MODULE": "as_tutor_writes",
            "LMS_CFG": str(MINI_LMS / "demo.lms.yml"),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "no issues" in done.stdout


class TestKeys:
    def test_the_key_survives_saving_disabling_and_enabling(self, tutor: Tutor) -> None:
        key = tutor.read_config()["TOKEN_PAYMENTS_CODE_KEY"]
        tutor("config", "save")
        tutor.set(TAX_RATE=20)
        tutor("plugins", "disable", "token-payments")
        tutor("config", "save")
        assert "token_payments" not in tutor.read("apps/openedx/settings/lms/production.py")
        tutor("plugins", "enable", "token-payments")
        tutor("config", "save")
        assert tutor.read_config()["TOKEN_PAYMENTS_CODE_KEY"] == key
        assert run_settings(tutor)["TOKEN_PAYMENTS"]["CODE_KEYS"] == {"1": key}

    def test_each_site_has_another_one(
        self, untouched: Tutor, release: str, tmp_path: Path
    ) -> None:
        other = make_tutor(release, tmp_path, "token-payments")
        ours, others = untouched.read_config(), other.read_config()
        assert ours["TOKEN_PAYMENTS_CODE_KEY"] != others["TOKEN_PAYMENTS_CODE_KEY"]

    def test_a_new_key_comes_first_and_the_old_ones_stay(self, tutor: Tutor) -> None:
        keys = [tutor.read_config()["TOKEN_PAYMENTS_CODE_KEY"]]
        for _ in range(2):
            assert "stay valid" in tutor("token-payments", "rotate-key")
            keys.insert(0, tutor.read_config()["TOKEN_PAYMENTS_CODE_KEY"])
        tutor("config", "save")
        settings = run_settings(tutor)["TOKEN_PAYMENTS"]
        assert list(settings["CODE_KEYS"]) == ["3", "1", "2"]
        assert settings["CODE_KEYS"] == dict(zip("321", keys, strict=True))
        assert len(set(keys)) == 3

    def test_a_key_of_ones_own_may_have_a_number_for_a_name(self, tutor: Tutor) -> None:
        own = "k" * 40
        tutor.set(CODE_KEY=own, CODE_KEY_NAME=2026, OLD_CODE_KEYS={2025: "o" * 40})
        keys = run_settings(tutor)["TOKEN_PAYMENTS"]["CODE_KEYS"]
        assert keys == {"2026": own, "2025": "o" * 40}

    def test_two_keys_of_one_name_are_refused(self, tutor: Tutor) -> None:
        said = tutor("config", "save", '--set=TOKEN_PAYMENTS_OLD_CODE_KEYS={"1": "other"}', code=1)
        assert "Each key needs a name of its own" in said

    def test_keys_among_the_other_settings_are_refused(self, tutor: Tutor) -> None:
        said = tutor("config", "save", '--set=TOKEN_PAYMENTS_SETTINGS={"CODE_KEYS": {}}', code=1)
        assert "keys don't belong in TOKEN_PAYMENTS_SETTINGS" in said
