"""Work for Celery. Tasks take ids, may run twice or at once, and go on where another one died.

They take named arguments, and leave out those that they don't know: one may be of another release.
What they do follows from steps of the domain (``notifications/table.py``); the pending ones that no
broker took are dispatched later by ``resume_pending``.
"""

from token_payments.tasks import mails, scheduled, webhooks, work
