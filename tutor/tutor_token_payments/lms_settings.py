"""The LMS's settings, as Python, from Tutor's configuration."""

from __future__ import annotations

from collections.abc import Mapping
from pprint import pformat
from typing import Any

from jinja2 import pass_context
from jinja2.runtime import Context
from tutor.exceptions import TutorError

PREFIX = "TOKEN_PAYMENTS_"


@pass_context
def render_settings(context: Context) -> str:
    """The two settings, ready to stand in a settings module."""
    known = context.get_all()
    config = {name.removeprefix(PREFIX): known[name] for name in known if name.startswith(PREFIX)}
    enabled, settings = bool(config["ENABLED"]), build_settings(config)
    written = pformat(settings, sort_dicts=False, width=100)
    return f"TOKEN_PAYMENTS_ENABLED = {enabled}\nTOKEN_PAYMENTS = {written}"


def build_settings(config: Mapping[str, Any]) -> dict[str, Any]:
    """The dictionary TOKEN_PAYMENTS. What isn't configured is left to the plugin's own default."""
    named = {
        "TIME_ZONE": config["TIME_ZONE"],
        "SELLER": config["SELLER"],
        "ORDERS_EMAIL": _as_list(config["ORDERS_EMAIL"]),
        "TAX_RATE": config["TAX_RATE"],
        "BUYERS_MAY_CANCEL": config["BUYERS_MAY_CANCEL"],
    }
    given = {name: value for name, value in named.items() if value is not None}
    return {"CODE_KEYS": build_code_keys(config), **given, **_more_settings(config)}


def build_code_keys(config: Mapping[str, Any]) -> dict[str, str]:
    """The key of new orders first, then those of older ones. Names may be written as numbers."""
    name, old = str(config["CODE_KEY_NAME"]), config["OLD_CODE_KEYS"] or {}
    older = {str(old_name): str(key) for old_name, key in old.items()}
    if name in older:
        raise TutorError(
            f'token-payments: "{name}" is TOKEN_PAYMENTS_CODE_KEY_NAME and the name of a key in '
            "TOKEN_PAYMENTS_OLD_CODE_KEYS. Each key needs a name of its own."
        )
    return {name: str(config["CODE_KEY"]), **older}


def _more_settings(config: Mapping[str, Any]) -> dict[str, Any]:
    more = dict(config["SETTINGS"] or {})
    if "CODE_KEYS" in more:
        raise TutorError(
            "token-payments: keys don't belong in TOKEN_PAYMENTS_SETTINGS, but in "
            "TOKEN_PAYMENTS_CODE_KEY and TOKEN_PAYMENTS_OLD_CODE_KEYS."
        )
    return more


def _as_list(value: Any) -> list[Any] | None:
    """One address needn't be written as a list."""
    if value is None or isinstance(value, list):
        return value
    return [value] if value else []
