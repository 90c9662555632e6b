"""System checks for what an operator can get wrong. ``manage.py check --tag token_payments``.

=====================  =======================================================================
token_payments.E001    the enrolment gate is missing from OPEN_EDX_FILTERS_CONFIG
token_payments.E002    the gate isn't the first step of its pipeline
token_payments.E003    the gate's pipeline fails silently
token_payments.E004    HOST leads to no adapter
token_payments.E005    PAYMENT_METHODS leads to no payment method
token_payments.E006    CODE_KEYS has no key
token_payments.E007    a key of CODE_KEYS is too short
token_payments.E008    TIME_ZONE is no time zone
token_payments.E009    a rate isn't written as django-ratelimit wants it
token_payments.E010    TOKEN_PAYMENTS is no dict
token_payments.E011    TAX_RATE is no percentage
token_payments.E012    SELLER isn't what order documents can print
token_payments.E013    ORDERS_EMAIL or DOCTOR_EMAIL is no list of e-mail addresses
token_payments.E014    a number of codes, seconds or days is no whole number, or too low
token_payments.E015    BUYERS_MAY_CANCEL or WEBHOOK_PLAIN_HTTP is neither True nor False
token_payments.E016    REMINDER_DAYS is no list of whole numbers
token_payments.E018    WEBHOOK_NETWORKS is no list of networks, or WEBHOOK_PORTS none of ports
token_payments.W001    TOKEN_PAYMENTS has a key that the plugin doesn't know
token_payments.W002    MySQL's isolation level isn't READ COMMITTED (database check)
=====================  =======================================================================

E001 to E003, E006 and E007 count only while the plugin is switched on.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from difflib import get_close_matches
from ipaddress import ip_network
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.core.checks import Warning as CheckWarning
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import connections

from token_payments import conf
from token_payments.checkout import queries as checkout_queries
from token_payments.errors import ConfigurationError
from token_payments.hosts import get_host
from token_payments.orders import queries as order_queries
from token_payments.settings.common import ENROLMENT_FILTER, GATE_STEP, read_filter_config

TAG = "token_payments"
RATE = re.compile(r"\d+/\d*[smhd]")
RATE_KEYS = (
    *("ATTEMPTS_PER_USER", "ATTEMPTS_PER_ADDRESS"),
    *("API_CHECKS_PER_USER", "API_CHECKS_PER_ADDRESS"),
    *("API_REDEMPTIONS_PER_USER", "API_REDEMPTIONS_PER_ADDRESS"),
    *("API_JOBS_PER_USER", "API_JOBS_PER_ADDRESS"),
)
LEAST = {
    "CODES_PER_CHUNK": 1,
    "RETRY_SECONDS": 0,
    "CODES_IN_MAIL": 0,
    "WEBHOOK_FAILING_DAYS": 1,
    "WEBHOOK_LOG_DAYS": 4,  # as long as it is tried
}
SWITCHES = ("BUYERS_MAY_CANCEL", "WEBHOOK_PLAIN_HTTP")
MAX_PORT = 65535
MAX_AHEAD = 365  # days
HUNDRED, TAX_DECIMALS = 100, 2
SELLER_LINES = ("address", "bank")
SELLER_KEYS = (
    *("name", "address", "email", "phone"),
    *("tax_number", "registration", "bank", "footer"),
)
ADDRESSES = {"ORDERS_EMAIL": "orders@example.com", "DOCTOR_EMAIL": "ops@example.com"}
READ_COMMITTED = "READ-COMMITTED"


@register(TAG)
def check_gate(**_: Any) -> list[CheckMessage]:
    if not conf.is_enabled():
        return []
    config = read_filter_config(
        getattr(settings, "OPEN_EDX_FILTERS_CONFIG", None) or {}, ENROLMENT_FILTER
    )
    pipeline = config["pipeline"]
    where = f'OPEN_EDX_FILTERS_CONFIG["{ENROLMENT_FILTER}"]'
    if GATE_STEP not in pipeline:
        hint = f'Put "{GATE_STEP}" first into the "pipeline" of {where}.'
        return [_error("E001", "Learners can join paid courses without paying.", hint)]
    problems: list[CheckMessage] = []
    if pipeline[0] != GATE_STEP:
        hint = f'Move "{GATE_STEP}" to the front of the "pipeline" of {where}.'
        message = f'"{pipeline[0]}" comes before the enrolment gate and can keep it from running.'
        problems.append(_error("E002", message, hint))
    if config.get("fail_silently", True):
        hint = f'Set "fail_silently" to False in {where}.'
        message = "An enrolment gate that can't be imported would be skipped silently."
        problems.append(_error("E003", message, hint))
    return problems


@register(TAG)
def check_settings(**_: Any) -> list[CheckMessage]:
    given = getattr(settings, "TOKEN_PAYMENTS", {})
    if not isinstance(given, Mapping):
        message = f"TOKEN_PAYMENTS is a {type(given).__name__}."
        return [_error("E010", message, 'Write it as a dict: TOKEN_PAYMENTS = {"CODE_KEYS": ...}.')]
    return [
        *_check_names(given),
        *_check_paths(),
        *_check_code_keys(),
        *_check_time_zone(),
        *_check_rates(),
        *_check_tax_rate(),
        *_check_seller(),
        *_check_addresses(),
        *_check_numbers(),
        *_check_switches(),
        *_check_webhooks(),
        *_check_reminder_days(),
    ]


@register(TAG, Tags.database)
def check_isolation(databases: Iterable[str] | None = None, **_: Any) -> list[CheckMessage]:
    """Ask each MySQL for the level of our own connections."""
    problems: list[CheckMessage] = []
    for alias in databases or ():
        if connections[alias].vendor != "mysql":
            continue
        level = _read_isolation(alias)
        if level == READ_COMMITTED:
            continue
        message = f'The isolation level of the database "{alias}" is {level}, not {READ_COMMITTED}.'
        hint = f'Set DATABASES["{alias}"]["OPTIONS"]["isolation_level"] to "read committed".'
        problems.append(CheckWarning(message, hint=hint, id=f"{TAG}.W002"))
    return problems


def _check_names(given: Mapping[str, Any]) -> list[CheckMessage]:
    problems: list[CheckMessage] = []
    for name in given:
        if name in conf.DEFAULTS:
            continue
        nearest = get_close_matches(str(name).upper(), conf.DEFAULTS, n=1)
        known = ", ".join(sorted(conf.DEFAULTS))
        hint = f"Did you mean {nearest[0]}?" if nearest else f"The keys are: {known}."
        message = f'TOKEN_PAYMENTS["{name}"] is unknown and has no effect.'
        problems.append(CheckWarning(message, hint=hint, id=f"{TAG}.W001"))
    return problems


def _check_paths() -> list[CheckMessage]:
    problems: list[CheckMessage] = []
    for code, load, what in (
        ("E004", get_host, 'TOKEN_PAYMENTS["HOST"] to the dotted path of a host adapter'),
        (
            "E005",
            checkout_queries.list_methods,
            'TOKEN_PAYMENTS["PAYMENT_METHODS"] to dotted paths of methods',
        ),
    ):
        try:
            load()
        except (ConfigurationError, TypeError) as error:
            hint = f"Set {what}, or leave it out: the plugin ships its own."
            problems.append(_error(code, str(error), hint))
    return problems


def _check_code_keys() -> list[CheckMessage]:
    if not conf.is_enabled():
        return []
    keys = conf.code_keys()
    hint = (
        'Set TOKEN_PAYMENTS["CODE_KEYS"] to {"<a name, e.g. the year>": "<a secret of at least '
        f'{order_queries.MIN_KEY_LENGTH} random characters>"}}.'
    )
    if not isinstance(keys, Mapping) or not keys:
        return [_error("E006", "No Token Code can be made or redeemed: there is no key.", hint)]
    return [
        _error(
            "E007",
            f'The key "{name}" has fewer than {order_queries.MIN_KEY_LENGTH} characters.',
            hint,
        )
        for name, key in keys.items()
        if not isinstance(key, str) or len(key) < order_queries.MIN_KEY_LENGTH
    ]


def _check_time_zone() -> list[CheckMessage]:
    name = conf.get("TIME_ZONE")
    try:
        ZoneInfo(name or settings.TIME_ZONE)
    except (OSError, TypeError, ValueError, LookupError):
        hint = 'Write it as in the time zone database, e.g. "Europe/London".'
        return [_error("E008", f'TOKEN_PAYMENTS["TIME_ZONE"]: no such zone as "{name}".', hint)]
    return []


def _check_rates() -> list[CheckMessage]:
    hint = 'Write a number and a period of seconds, minutes, hours or days: "10/10m", "60/h".'
    return [
        _error("E009", f'TOKEN_PAYMENTS["{name}"]: "{conf.get(name)}" is no rate.', hint)
        for name in RATE_KEYS
        if not RATE.fullmatch(str(conf.get(name)))
    ]


def _check_tax_rate() -> list[CheckMessage]:
    rate = conf.get("TAX_RATE")
    try:
        amount = Decimal(0 if rate is None else str(rate))
        is_percentage = 0 <= amount <= HUNDRED and amount == round(amount, TAX_DECIMALS)
    except ArithmeticError:
        is_percentage = False
    if is_percentage:
        return []
    hint = 'Write a number from 0 to 100 with two decimals at most: 20, "7.7"; or None for no tax.'
    return [_error("E011", f'TOKEN_PAYMENTS["TAX_RATE"]: "{rate}" is no percentage.', hint)]


def _check_seller() -> list[CheckMessage]:
    seller = conf.get("SELLER")
    hint = f"Write a dict with some of these keys: {', '.join(SELLER_KEYS)}."
    if not isinstance(seller, Mapping):
        return [_error("E012", 'TOKEN_PAYMENTS["SELLER"] is no dict.', hint)]
    problems: list[CheckMessage] = []
    for name, value in seller.items():
        where = f'TOKEN_PAYMENTS["SELLER"]["{name}"]'
        if name not in SELLER_KEYS:
            problems.append(_error("E012", f"{where} is unknown and printed nowhere.", hint))
        elif not _is_text(value, or_lines=name in SELLER_LINES):
            wanted = "a list of lines, each a text" if name in SELLER_LINES else "a text"
            problems.append(_error("E012", f"{where} can't be printed.", f"Write {wanted}."))
    return problems


def _is_text(value: Any, *, or_lines: bool) -> bool:
    if or_lines and isinstance(value, list | tuple):
        return all(isinstance(line, str) for line in value)
    return isinstance(value, str)


def _check_addresses() -> list[CheckMessage]:
    return [problem for name, who in ADDRESSES.items() for problem in _check_list(name, who)]


def _check_list(name: str, example: str) -> list[CheckMessage]:
    """A text would be taken for a list of letters."""
    addresses = conf.get(name)
    hint = f'Write a list of addresses: ["{example}"]; or [] to tell nobody.'
    if not isinstance(addresses, list | tuple):
        return [_error("E013", f'TOKEN_PAYMENTS["{name}"] is no list.', hint)]
    return [
        _error("E013", f'TOKEN_PAYMENTS["{name}"]: "{each}" is no e-mail address.', hint)
        for each in addresses
        if not _is_address(each)
    ]


def _is_address(value: Any) -> bool:
    try:
        validate_email(value)
    except ValidationError:
        return False
    return True


def _check_numbers() -> list[CheckMessage]:
    return [
        _error("E014", f'TOKEN_PAYMENTS["{name}"]: {value!r}.', f"Write a number from {least} on.")
        for name, least in LEAST.items()
        if type(value := conf.get(name)) is not int or value < least
    ]


def _check_switches() -> list[CheckMessage]:
    """Any text would count as True."""
    return [
        _error(
            "E015", f'TOKEN_PAYMENTS["{name}"]: {value!r}.', "Write True or False, without quotes."
        )
        for name in SWITCHES
        if not isinstance(value := conf.get(name), bool)
    ]


def _check_webhooks() -> list[CheckMessage]:
    problems: list[CheckMessage] = []
    networks, ports = conf.get("WEBHOOK_NETWORKS"), conf.get("WEBHOOK_PORTS")
    if not isinstance(networks, list | tuple) or not all(map(_is_network, networks)):
        hint = 'Write a list of networks, such as ["10.20.0.0/16"].'
        problems.append(_error("E018", f'TOKEN_PAYMENTS["WEBHOOK_NETWORKS"]: {networks!r}.', hint))
    if not isinstance(ports, list | tuple) or not all(
        type(port) is int and 1 <= port <= MAX_PORT for port in ports
    ):
        hint = "Write a list of numbers, such as [443, 8443]."
        problems.append(_error("E018", f'TOKEN_PAYMENTS["WEBHOOK_PORTS"]: {ports!r}.', hint))
    return problems


def _is_network(text: object) -> bool:
    try:
        return isinstance(text, str) and bool(ip_network(text))
    except ValueError:
        return False


def _check_reminder_days() -> list[CheckMessage]:
    days = conf.get("REMINDER_DAYS")
    is_list = isinstance(days, list | tuple)
    if is_list and all(type(day) is int and 0 <= day <= MAX_AHEAD for day in days):
        return []
    hint = f"Write a list of days ahead, from 0 to {MAX_AHEAD}: [30, 7, 1]; or [] for no reminders."
    return [_error("E016", f'TOKEN_PAYMENTS["REMINDER_DAYS"]: {days!r}.', hint)]


def _read_isolation(alias: str) -> str:
    """E.g. REPEATABLE-READ. MySQL and older MariaDB name the variable differently."""
    with connections[alias].cursor() as cursor:
        cursor.execute(
            "SHOW VARIABLES WHERE Variable_name IN ('transaction_isolation', 'tx_isolation')"
        )
        return str(cursor.fetchone()[1]).upper()


def _error(code: str, message: str, hint: str) -> Error:
    return Error(message, hint=hint, id=f"{TAG}.{code}")
