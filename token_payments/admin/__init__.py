"""Course admins' pages: settings, catalogue items, Token Orders, wallets, redemptions, webhooks.

Built on Django's own admin. Every page and every action checks Django's model permissions, on POST
as well; a change is one call of a domain package's operation. Nothing that orders, codes, balances
and redemptions rest on can be deleted here. While the plugin is switched off orders and wallets can
be looked at, and nothing else.

Not its business: rules (the domain), words that other pages show as well (presenters).
"""

from token_payments.admin import catalogue, enrolment_settings, redemptions, retirements
from token_payments.admin.bulk import model_admin as bulk_jobs
from token_payments.admin.orders import model_admin
from token_payments.admin.wallets import accounts, entries, issues, token_settings, token_types
from token_payments.admin.webhooks import deliveries, endpoints
