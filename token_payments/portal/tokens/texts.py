"""What managers are told after they have changed something."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from token_payments.errors import LastManager
from token_payments.presenters.refusals import Audience, get_texts

#: What was done, by the word that the address carries after it.
DONE: dict[str, Any] = {
    "added": _("The person is a member of the account now."),
    "changed": _("The role was changed."),
    "removed": _("The membership has ended. Courses that were paid for stay open to the person."),
    "gone": _("This person isn't a member any more."),
    "last_manager": get_texts(LastManager, Audience.CUSTOMER).text,
}
REFUSED = ("gone", "last_manager")

UNKNOWN_PERSON = _(
    "Nobody could be added with this address or name. Check the spelling; the person must have "
    "signed up on this site and confirmed the e-mail address."
)
MEMBER_ALREADY = _("This person is a member already. Change the role in the list.")
