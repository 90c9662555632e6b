"""Failures of what runs by itself: findings of the doctor, a webhook that was switched off."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from token_payments import conf
from token_payments.l10n.dates import end_of_day, local_day
from token_payments.notifications.mails import base
from token_payments.webhooks.endpoints import list_owners
from token_payments.webhooks.models import OffReason, WebhookEndpoint


@base.in_site_language
def send_doctor_mail(
    *, lines: Sequence[str], errors: int, failure: str = "", now: datetime
) -> None:
    """Tell the addresses of the setting what was found, each once a local day.

    ``lines`` are the first findings, ``failure`` is what broke the run off. Raises what the
    transport raises while a mail may be tried again.
    """
    context = {
        "errors": errors,
        "failure": failure,
        "lines": [base.tidy(line, limit=base.MAX_TEXT) for line in lines],
    }
    mail = base.write_mail("doctor", context)
    day = local_day(now)
    key, addresses = f"doctor:{day.isoformat()}", conf.doctor_email()
    base.send_notices(base.address_each(key, addresses, mail, end_of_day(day)), now=now)


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
