"""Typed access to the plugin's settings: the toggle and every key of ``TOKEN_PAYMENTS``.

Settings are read when they are used, never at import: an LMS imports its plugins before its
settings exist. A key that the operator leaves out has the default that stands here. A site of the
LMS may have values of its own for the keys of SITE_KEYS.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from edx_toggles.toggles import SettingToggle

# .. toggle_name: TOKEN_PAYMENTS_ENABLED
# .. toggle_implementation: SettingToggle
# .. toggle_default: False
# .. toggle_description: Offers payment with tokens at checkout and refuses self-service enrolment
#   into paid catalogue items without a payment. Off: no pages (404), no gate, nothing is offered;
#   all data stays, and stays visible in the admin.
# .. toggle_use_cases: open_edx
# .. toggle_creation_date: 2026-11-21
ENABLED = SettingToggle("TOKEN_PAYMENTS_ENABLED", default=False, module_name=__name__)

DEFAULTS: dict[str, Any] = {
    # .. setting_name: TOKEN_PAYMENTS["CODE_KEYS"]
    # .. setting_default: {}
    # .. setting_description: The secrets that Token Codes are derived from, by a short name each:
    #   {"2026": "<at least 32 random characters>"}. New orders use the first one.
    # .. setting_warning: A key may be removed only when no code made with it is in use any more:
    #   without it those codes can neither be redeemed nor shown. Keep it out of the database and
    #   of its backups.
    "CODE_KEYS": {},
    # .. setting_name: TOKEN_PAYMENTS["HOST"]
    # .. setting_default: "token_payments.hosts.edxapp.EdxappHost"
    # .. setting_description: Dotted path of the adapter to the platform (hosts/base.py).
    "HOST": "token_payments.hosts.edxapp.EdxappHost",
    # .. setting_name: TOKEN_PAYMENTS["PAYMENT_METHODS"]
    # .. setting_default: the methods that the plugin ships
    # .. setting_description: Dotted paths of the payment methods (checkout/payment_methods/base.py)
    #   in the order in which learners see them.
    "PAYMENT_METHODS": [
        "token_payments.checkout.payment_methods.token_code.TokenCodePayment",
        "token_payments.checkout.payment_methods.wallet.WalletPayment",
    ],
    # .. setting_name: TOKEN_PAYMENTS["TIME_ZONE"]
    # .. setting_default: None (the LMS's own TIME_ZONE)
    # .. setting_description: The zone in which a date given by a person ends, e.g. "Europe/London".
    "TIME_ZONE": None,
    # .. setting_name: TOKEN_PAYMENTS["BASE_TEMPLATE"]
    # .. setting_default: "main_django.html"
    # .. setting_description: The template that the learners' and buyers' pages extend.
    "BASE_TEMPLATE": "main_django.html",
    # .. setting_name: TOKEN_PAYMENTS["ATTEMPTS_PER_USER"]
    # .. setting_default: "10/10m"
    # .. setting_description: Refused Token Codes that one learner may enter in a period
    #   (django-ratelimit's notation). Typing errors that the check character tells are not counted.
    "ATTEMPTS_PER_USER": "10/10m",
    # .. setting_name: TOKEN_PAYMENTS["ATTEMPTS_PER_ADDRESS"]
    # .. setting_default: "60/10m"
    # .. setting_description: The same per network address; higher, as a training room shares one.
    "ATTEMPTS_PER_ADDRESS": "60/10m",
    # .. setting_name: TOKEN_PAYMENTS["API_CHECKS_PER_USER"]
    # .. setting_default: "60/m"
    # .. setting_description: Token Codes that one user may have checked through the API in a
    #   period, good ones included. Refused ones are counted with those of the checkout, too
    #   (ATTEMPTS_PER_USER).
    "API_CHECKS_PER_USER": "60/m",
    # .. setting_name: TOKEN_PAYMENTS["API_CHECKS_PER_ADDRESS"]
    # .. setting_default: "240/m"
    # .. setting_description: The same per network address.
    "API_CHECKS_PER_ADDRESS": "240/m",
    # .. setting_name: TOKEN_PAYMENTS["API_REDEMPTIONS_PER_USER"]
    # .. setting_default: "600/m"
    # .. setting_description: Redemptions that one user may ask for through the API in a period, for
    #   whomever; a request for many members counts once.
    "API_REDEMPTIONS_PER_USER": "600/m",
    # .. setting_name: TOKEN_PAYMENTS["API_REDEMPTIONS_PER_ADDRESS"]
    # .. setting_default: "1200/m"
    # .. setting_description: The same per network address.
    "API_REDEMPTIONS_PER_ADDRESS": "1200/m",
    # .. setting_name: TOKEN_PAYMENTS["API_JOBS_PER_USER"]
    # .. setting_default: "60/h"
    # .. setting_description: Bulk jobs, of up to 5,000 people each, that one user may begin, or
    #   have tried again, through the API in a period.
    "API_JOBS_PER_USER": "60/h",
    # .. setting_name: TOKEN_PAYMENTS["API_JOBS_PER_ADDRESS"]
    # .. setting_default: "240/h"
    # .. setting_description: The same per network address.
    "API_JOBS_PER_ADDRESS": "240/h",
    # .. setting_name: TOKEN_PAYMENTS["RETRY_SECONDS"]
    # .. setting_default: 8
    # .. setting_description: For so many seconds what the database gave up in favour of another
    #   transaction (a deadlock; on a cluster a conflict with another node) is tried again.
    "RETRY_SECONDS": 8,
    # .. setting_name: TOKEN_PAYMENTS["CODES_PER_CHUNK"]
    # .. setting_default: 5000
    # .. setting_description: Codes made in one transaction while an order is processed.
    "CODES_PER_CHUNK": 5000,
    # .. setting_name: TOKEN_PAYMENTS["CODES_IN_MAIL"]
    # .. setting_default: 200
    # .. setting_description: A mail lists up to so many codes in its text; the attached CSV file
    #   has all of them. More than 25,000 are not attached: the mail leads to the order's page.
    "CODES_IN_MAIL": 200,
    # .. setting_name: TOKEN_PAYMENTS["SELLER"]
    # .. setting_default: {}
    # .. setting_description: Who sells, as order documents print it. Keys, each of which may be
    #   left out: name, address (a list of lines), email, phone, tax_number, registration,
    #   bank (a list of lines) and footer.
    "SELLER": {},
    # .. setting_name: TOKEN_PAYMENTS["TAX_RATE"]
    # .. setting_default: None
    # .. setting_description: The tax on new orders in percent, on top of prices, e.g. 20 or "7.7".
    #   None: prices are what buyers pay. An order keeps the rate that it was requested with; course
    #   admins may change it while it is requested.
    "TAX_RATE": None,
    # .. setting_name: TOKEN_PAYMENTS["ORDERS_EMAIL"]
    # .. setting_default: []
    # .. setting_description: Addresses that are told of every requested order and of every request
    #   to cancel. Empty: nobody is; both stand in the admin's list of token orders.
    "ORDERS_EMAIL": [],
    # .. setting_name: TOKEN_PAYMENTS["BUYERS_MAY_CANCEL"]
    # .. setting_default: False
    # .. setting_description: Whether buyers cancel unused tokens of their orders themselves; what
    #   these cost is then recorded as refund. Off: they send a request that a course admin answers.
    "BUYERS_MAY_CANCEL": False,
    # .. setting_name: TOKEN_PAYMENTS["INVOICE_YEARS"]
    # .. setting_default: 10
    # .. setting_description: For so many calendar years after its own an order that was processed
    #   keeps its billing address, also when its buyer's account is retired: in most countries the
    #   law wants invoices kept. 0: it is removed at once.
    # .. setting_warning: Ask your accountant for the right number: it is 6 in the United Kingdom,
    #   10 in France, 8 in Germany.
    "INVOICE_YEARS": 10,
    # .. setting_name: TOKEN_PAYMENTS["REMINDER_DAYS"]
    # .. setting_default: [30, 7, 1]
    # .. setting_description: How many days before their last one people are reminded of tokens that
    #   they would lose: managers of an account, buyers with unused codes, and learners who were
    #   given one. 0 is the last day itself. Empty: nobody is reminded.
    "REMINDER_DAYS": [30, 7, 1],
    # .. setting_name: TOKEN_PAYMENTS["LEARNERS_GET_RECEIPTS"]
    # .. setting_default: True
    # .. setting_description: Whether learners are told by e-mail that they are enrolled and what
    #   paid for it, with links to the course and to the receipt.
    "LEARNERS_GET_RECEIPTS": True,
    # .. setting_name: TOKEN_PAYMENTS["DOCTOR_EMAIL"]
    # .. setting_default: []
    # .. setting_description: Addresses that get a mail, at most one a day, when the doctor's daily
    #   run finds an error or can't run to its end. Empty: findings are in the log alone.
    "DOCTOR_EMAIL": [],
    # .. setting_name: TOKEN_PAYMENTS["WEBHOOK_NETWORKS"]
    # .. setting_default: []
    # .. setting_description: Networks beside the internet in which webhooks may be received,
    #   such as ["10.20.0.0/16", "fd12:3456::/32"]. Without them nothing is sent to loopback,
    #   private, link-local and multicast addresses, nor to a cloud's metadata.
    # .. setting_warning: Managers of accounts enter addresses, too: whatever listens in these
    #   networks can be sent requests by them, and the beginning of its answers is shown to them.
    "WEBHOOK_NETWORKS": [],
    # .. setting_name: TOKEN_PAYMENTS["WEBHOOK_PLAIN_HTTP"]
    # .. setting_default: False
    # .. setting_description: Whether webhooks may also be sent to http addresses, which anybody on
    #   the way can read. For trials.
    "WEBHOOK_PLAIN_HTTP": False,
    # .. setting_name: TOKEN_PAYMENTS["WEBHOOK_PORTS"]
    # .. setting_default: [443, 8443]
    # .. setting_description: The ports that webhooks may be sent to, beside the one that an address
    #   without a port has. Empty: any.
    "WEBHOOK_PORTS": [443, 8443],
    # .. setting_name: TOKEN_PAYMENTS["WEBHOOK_FAILING_DAYS"]
    # .. setting_default: 5
    # .. setting_description: After so many days in which every attempt failed a webhook endpoint is
    #   switched off, and its owners are told.
    "WEBHOOK_FAILING_DAYS": 5,
    # .. setting_name: TOKEN_PAYMENTS["WEBHOOK_LOG_DAYS"]
    # .. setting_default: 30
    # .. setting_description: For so many days events and deliveries of webhooks are kept: so long
    #   they can be looked at, and sent again.
    "WEBHOOK_LOG_DAYS": 30,
}


#: What a site may have for itself. The others decide how codes, payments and dates work: they are
#: the same wherever somebody comes from, and secrets don't belong into the database.
SITE_KEYS = frozenset(
    ("BASE_TEMPLATE", "BUYERS_MAY_CANCEL", "CODES_IN_MAIL", "ORDERS_EMAIL", "SELLER", "TAX_RATE")
)

_read_site: Callable[[], Mapping[str, Any]] = dict


def use_sites(read_site: Callable[[], Mapping[str, Any]]) -> None:
    """From now on ask ``read_site`` for the values of the site that is being served."""
    global _read_site  # noqa: PLW0603 (hosts/ is above this module, and tells it)
    _read_site = read_site


def get(name: str) -> Any:
    """The value of one ``TOKEN_PAYMENTS`` key. Raises KeyError for a name not in DEFAULTS."""
    default = DEFAULTS[name]
    value = getattr(settings, "TOKEN_PAYMENTS", {}).get(name, default)
    return _read_site().get(name, value) if name in SITE_KEYS else value


def is_enabled() -> bool:
    return bool(ENABLED.is_enabled())


def code_keys() -> Mapping[str, str]:
    """The codes' secrets by name; the first one serves new orders."""
    keys: Mapping[str, str] = get("CODE_KEYS")
    return keys


def time_zone() -> ZoneInfo:
    """The zone in which dates given by persons end."""
    return ZoneInfo(get("TIME_ZONE") or settings.TIME_ZONE)


def base_template() -> str:
    return str(get("BASE_TEMPLATE"))


def retry_seconds() -> float:
    """How long a transaction that was lost to another one is tried again."""
    return float(get("RETRY_SECONDS"))


def codes_per_chunk() -> int:
    return int(get("CODES_PER_CHUNK"))


def codes_in_mail() -> int:
    return int(get("CODES_IN_MAIL"))


def seller() -> Mapping[str, Any]:
    """The seller on documents; see the setting for its keys."""
    details: Mapping[str, Any] = get("SELLER")
    return details


def tax_rate() -> Decimal | None:
    """The tax on new orders in percent; None without."""
    rate = get("TAX_RATE")
    return None if rate is None else Decimal(str(rate))


def orders_email() -> list[str]:
    """Who is told of requested orders and of cancellation requests."""
    return list(get("ORDERS_EMAIL"))


def learners_get_receipts() -> bool:
    return bool(get("LEARNERS_GET_RECEIPTS"))


def doctor_email() -> list[str]:
    """The addresses that are told of what the doctor's daily run finds."""
    return list(get("DOCTOR_EMAIL"))


def buyers_may_cancel() -> bool:
    return bool(get("BUYERS_MAY_CANCEL"))


def invoice_years() -> int:
    """Calendar years for which invoices are kept whole; 0: none."""
    return int(get("INVOICE_YEARS"))


def reminder_days() -> list[int]:
    """How many days ahead people are reminded of what ends; empty when they aren't."""
    return list(get("REMINDER_DAYS"))


def webhook_networks() -> list[str]:
    """Where webhooks may be received beside the internet."""
    return list(get("WEBHOOK_NETWORKS"))


def webhooks_may_be_plain() -> bool:
    return bool(get("WEBHOOK_PLAIN_HTTP"))


def webhook_ports() -> list[int]:
    """Empty for any."""
    return list(get("WEBHOOK_PORTS"))


def webhook_failing_days() -> int:
    return int(get("WEBHOOK_FAILING_DAYS"))


def webhook_log_days() -> int:
    return int(get("WEBHOOK_LOG_DAYS"))
