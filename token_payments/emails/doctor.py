"""What the doctor's daily run found, for those who look after the site."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.utils import timezone

from token_payments import conf
from token_payments.emails.base import (
    MAX_TEXT,
    Notice,
    digest,
    in_site_language,
    send_notices,
    tidy,
    write_mail,
)


@in_site_language
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
        "lines": [tidy(line, limit=MAX_TEXT) for line in lines],
    }
    mail = write_mail("doctor", context)
    day = timezone.localtime(now, conf.time_zone()).date().isoformat()
    addresses = conf.doctor_email()
    send_notices(
        [Notice(f"doctor:{day}:{digest(address)}", address, mail) for address in addresses],
        now=now,
    )
