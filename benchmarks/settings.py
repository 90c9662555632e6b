"""The mini LMS's test settings with a database of our own, and the peers that are installed."""

import importlib.util
import os
import tempfile
from pathlib import Path

from django.db.models import options

from lms.envs.test import *

NAME = os.environ.get("BENCHMARKS_DATABASE", "token_payments_bench")
_FOLDER = Path(os.environ.get("BENCHMARKS_FOLDER", tempfile.gettempdir()))

DATABASES["default"]["ATOMIC_REQUESTS"] = False
DATABASES["default"]["TEST"] = {
    **DATABASES["default"].get("TEST", {}),
    "NAME": str(_FOLDER / f"{NAME}.sqlite3") if "HOST" not in DATABASES["default"] else NAME,
    "MIGRATE": False,  # the tables of all apps at once, as their models have them
}

TOKEN_PAYMENTS = {
    **TOKEN_PAYMENTS,
    "HOST": "benchmarks.null_host.NullHost",
    "LEARNERS_GET_RECEIPTS": False,  # a worker's mail, which would be sent at once here
    "PAYMENT_METHODS": [
        "token_payments.checkout.payment_methods.token_code.TokenCodePayment",
        "token_payments.checkout.payment_methods.wallet.WalletPayment",
    ],
}
LOGGING = {"version": 1, "disable_existing_loggers": True}

CACHES["locks"] = {
    "BACKEND": "benchmarks.peers.shared_cache.SharedCache",
    "LOCATION": str(_FOLDER / f"{NAME}.locks"),
}

# Looking for admin modules in every app would need more of the peers' dependencies than their
# models do; the plugin's own admin is imported where it is measured.
INSTALLED_APPS = [
    "django.contrib.admin.apps.SimpleAdminConfig" if app == "django.contrib.admin" else app
    for app in INSTALLED_APPS
]
INSTALLED_APPS.append("benchmarks")

if importlib.util.find_spec("openedx_ledger"):
    # Written for an older Django: a Meta option that Django 5.1 took away. The indexes that it
    # stood for are made in peers/openedx_ledger.py.
    options.DEFAULT_NAMES = (*options.DEFAULT_NAMES, "index_together")
    INSTALLED_APPS.append("openedx_ledger")

if importlib.util.find_spec("oscar"):
    from oscar import INSTALLED_APPS as _OSCAR_APPS
    from oscar.defaults import *

    INSTALLED_APPS += [
        app for app in _OSCAR_APPS if not app.startswith("django.contrib.") or "flat" in app
    ]
    HAYSTACK_CONNECTIONS = {"default": {"ENGINE": "haystack.backends.simple_backend.SimpleEngine"}}
