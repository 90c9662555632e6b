"""``tutor local do token-payments-check`` and ``tutor token-payments rotate-key``."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import click
from tutor import config as tutor_config
from tutor import env, fmt, utils
from tutor.commands.context import Context
from tutor.types import get_typed

KEY_LENGTH = 64
CHECKS = ("check --tag token_payments", "token_payments_check_host", "token_payments_doctor")


@click.command(name="token-payments-check")
def check() -> Iterable[tuple[str, str]]:
    """Check token_payments in the running LMS: settings, what it expects of the LMS, the books"""
    for command in CHECKS:
        yield ("lms", f"./manage.py lms {command}")


@click.group(name="token-payments", help="Pre-paid training with token_payments")
def token_payments() -> None:
    pass


@token_payments.command(name="rotate-key")
@click.pass_obj
def rotate_key(context: Context) -> None:
    """Make a new key for the Token Codes of new orders, and keep the old one for older codes"""
    config = tutor_config.load_minimal(context.root)
    defaults = tutor_config.load_defaults()
    older = "TOKEN_PAYMENTS_OLD_CODE_KEYS"
    name = str(config.get("TOKEN_PAYMENTS_CODE_KEY_NAME", defaults["TOKEN_PAYMENTS_CODE_KEY_NAME"]))
    old: dict[str, Any] = dict(get_typed(config, older, dict, {}))
    old[name] = config["TOKEN_PAYMENTS_CODE_KEY"]
    config[older] = old
    config["TOKEN_PAYMENTS_CODE_KEY_NAME"] = _find_free_name({str(taken) for taken in old})
    config["TOKEN_PAYMENTS_CODE_KEY"] = utils.random_string(KEY_LENGTH)
    tutor_config.save_config_file(context.root, config)
    env.save(context.root, tutor_config.load_full(context.root))
    fmt.echo_info(
        f'New orders use the key "{config["TOKEN_PAYMENTS_CODE_KEY_NAME"]}", codes made with '
        f'"{name}" stay valid. Make a copy of config.yml, and restart the LMS and its workers.'
    )


def _find_free_name(taken: set[str]) -> str:
    return next(name for name in map(str, range(1, len(taken) + 2)) if name not in taken)
