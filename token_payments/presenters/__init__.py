"""The words for people: refusals, lines of lists, verdicts, forecasts, CSV files.

Beside them stand the forms that admin and portal share, and the key that has each do its work once.

Invariants: it only reads. What admin, portal, REST API, mails and commands show of one thing comes
from one presenter here.

Not its business: pages, forms and permissions (portal, admin, rest_api), mails (notifications), how
a language writes a number, an amount or a day (l10n).
"""
