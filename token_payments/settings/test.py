"""Test runs: switched on, with a key that protects nothing."""

from __future__ import annotations

from typing import Any

from token_payments.settings import common


def plugin_settings(settings: Any) -> None:
    common.plugin_settings(settings)
    settings.TOKEN_PAYMENTS_ENABLED = True
    settings.TOKEN_PAYMENTS = {
        "CODE_KEYS": {"test": "a key for tests, it protects nothing at all"},
        "TIME_ZONE": "Europe/London",
        **settings.TOKEN_PAYMENTS,
    }
