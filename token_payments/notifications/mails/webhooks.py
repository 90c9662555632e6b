"""A webhook endpoint that was switched off, for those who look after it."""

from __future__ import annotations

from datetime import datetime

from token_payments import conf
from token_payments.notifications.mails import base
from token_payments.webhooks.models import OffReason, WebhookEndpoint
from token_payments.webhooks.owners import list_owners


@base.in_site_language
def send_webhook_off_mail(endpoint_id: int, when: str, *, now: datetime) -> None:
    """Tell the account's managers, or whoever added the site's; without one DOCTOR_EMAIL.

    ``when`` tells this time from another one. Nothing if it is switched on again or gone. Raises
    what the transport raises while a mail may be tried again.
    """
    rows = WebhookEndpoint.objects.select_related("account", "created_by")
    endpoint = rows.filter(pk=endpoint_id, is_active=False).first()
    if endpoint is None:
        return
    addresses = [owner.email for owner in list_owners(endpoint)]
    if not addresses and endpoint.account_id is None:
        addresses = conf.doctor_email()
    context = {
        "url": base.tidy(endpoint, limit=200),
        "account": base.tidy(endpoint.account or ""),
        "days": conf.webhook_failing_days(),
        "is_gone": endpoint.off_reason == OffReason.GONE,
        "log_days": conf.webhook_log_days(),
    }
    mail = base.write_mail("webhook_off", context)
    notices = base.address_each(f"webhook:{endpoint_id}:{when}", addresses, mail)
    base.send_notices(notices, now=now)
