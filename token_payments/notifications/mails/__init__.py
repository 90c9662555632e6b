"""The plugin's mails: what they say, to whom, and that each leaves once. The host sends them.

Texts are templates below ``templates/token_payments/emails/`` (docs/emails.md): of each mail
``<name>.subject.txt``, ``<name>.txt`` and ``<name>.html``. All are in the site's language.

Words: a mail of an order is a *notice* (``outbox/notices.py``); mails to learners are claimed by
their assignment (``assignments/mails.py``); a reminder claims a notice for the day and one for each
thing that it tells of (``reminders/``).

Invariants: who may send a mail is settled in the database before it is sent; a mail that may have
left is never sent again by itself; no subject has a line break or a code.
"""

from token_payments.notifications.mails.assignments import Delivery, send_assignments
from token_payments.notifications.mails.codes import send_codes
from token_payments.notifications.mails.failures import send_doctor_mail, send_webhook_off_mail
from token_payments.notifications.mails.low_balance import LowBalances, tell_low_balances
from token_payments.notifications.mails.orders import (
    CANCELLATION_KINDS,
    ORDER_KINDS,
    send_cancellation_mail,
    send_delegate_mail,
    send_order_mail,
)
from token_payments.notifications.mails.redemptions import send_redemption_mail
from token_payments.notifications.mails.reminders import Reminded, send_reminders
from token_payments.notifications.mails.reversals import send_reversal_mail
