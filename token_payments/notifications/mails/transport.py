"""The mail transport's errors: their meaning, and their texts for people.

Three kinds: the mail is refused for good; it did not leave, and may do so later; nobody knows
(``errors.MailOutcomeUnknown``, which the host raises). Whatever is not known to be final may be
tried again.
"""

from __future__ import annotations

from smtplib import (
    SMTPAuthenticationError,
    SMTPConnectError,
    SMTPDataError,
    SMTPHeloError,
    SMTPNotSupportedError,
    SMTPRecipientsRefused,
    SMTPResponseException,
)

from django.utils.translation import gettext

from token_payments.errors import MailOutcomeUnknown

#: So many that could not be sent one after the other: it is the server, not the addresses.
MAX_IN_A_ROW = 3
REFUSED_FOR_GOOD = 500  # and above: of a server's answers


def is_final(error: Exception) -> bool:
    """Whether the same mail would be refused each time: for its address, or for what it says.

    A server that refuses the site itself (its password, its sender) is for the operator to mend:
    that isn't final.
    """
    if isinstance(error, SMTPRecipientsRefused):
        return all(code >= REFUSED_FOR_GOOD for code, _ in error.recipients.values())
    if isinstance(error, SMTPDataError):
        return error.smtp_code >= REFUSED_FOR_GOOD
    return isinstance(error, ValueError | SMTPNotSupportedError)


def describe(error: Exception) -> str:
    """Why a mail did not leave, for the person who wanted it sent."""
    if isinstance(error, MailOutcomeUnknown):
        return gettext(
            "The connection to the mail server broke off: the mail may have arrived or not. "
            "Ask before you send it again."
        )
    if isinstance(error, ValueError):
        return gettext("Mail can't be sent to this address. Check how it is written.")
    answer = _find_answer(error)
    if answer:
        return gettext("The mail server refused it: %(answer)s") % {"answer": answer}
    if isinstance(error, OSError):
        return gettext("The mail server could not be reached. Send it again later.")
    return gettext("The mail could not be made or sent. Tell the site's support.")


def _find_answer(error: Exception) -> str:
    """The server's answer, e.g. ``550 5.1.1 no such user``; empty when it gave none."""
    if isinstance(error, SMTPConnectError | SMTPHeloError | SMTPAuthenticationError):
        return ""
    answers: list[tuple[int, object]] = []
    if isinstance(error, SMTPRecipientsRefused):
        answers = list(error.recipients.values())
    elif isinstance(error, SMTPResponseException):
        answers = [(error.smtp_code, error.smtp_error)]
    if not answers:
        return ""
    code, said = answers[0]
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return f"{code} {line}"[:150].strip()
