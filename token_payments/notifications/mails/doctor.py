"""The mail with the findings of the doctor's daily run, for those who look after the site."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from token_payments import conf
from token_payments.l10n.dates import end_of_day, local_day
from token_payments.notifications.mails import base


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
