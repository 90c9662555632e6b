"""What people read of a row of a list of recipients, by its verdict."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from token_payments.assignments.rows import Verdict

VERDICTS = {
    Verdict.OK: _("Gets a token"),
    Verdict.BAD_ADDRESS: _("This is not an e-mail address"),
    Verdict.DUPLICATE: _("This address is in the list already"),
    Verdict.ASSIGNED: _("Has a token of this order already"),
    Verdict.TOO_OFTEN: _("Has been mailed too often today"),
    Verdict.NO_CODE_LEFT: _("No token is left"),
}
