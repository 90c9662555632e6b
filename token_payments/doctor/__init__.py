"""Proof, on the database itself, that the books are right.

Words: a *check* looks for one kind of disagreement (``examination.CHECKS`` names them all); what it
finds is a *Finding*, an error or a note, with what to do; a *Repair* is offered only where one side
is known to be true and nothing is invented.

Invariants: looking changes nothing. Where two tables must agree, one statement asks both, so that
what learners do meanwhile is no finding. Memory stays that of one chunk of rows.

Not its business: wrong settings other than lost keys (``lms/checks``), the platform's own data.
"""

from token_payments.doctor.examination import CHECKS, DailyReport, examine, examine_daily
from token_payments.doctor.findings import Finding, Severity
