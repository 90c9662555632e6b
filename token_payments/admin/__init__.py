"""The host admin: the site's switches, catalogue items, Token Orders, wallets and redemptions.

Built on Django's own admin. Every page and every action checks Django's model permissions, on POST
as well; whatever changes something makes one call into ``token_payments.api``. Nothing that orders,
codes, balances and redemptions rest on can be deleted here. While the plugin is switched off orders
and wallets can be looked at, and nothing else.
"""

from token_payments.admin import catalogue, enrolment_settings, redemptions, retirements
from token_payments.admin.bulk import model_admin as bulk_jobs
from token_payments.admin.orders import model_admin
from token_payments.admin.wallets import accounts, entries, issues, token_settings, token_types
from token_payments.admin.webhooks import deliveries, endpoints

__all__ = [
    "accounts",
    "bulk_jobs",
    "catalogue",
    "deliveries",
    "endpoints",
    "enrolment_settings",
    "entries",
    "issues",
    "model_admin",
    "redemptions",
    "retirements",
    "token_settings",
    "token_types",
]
