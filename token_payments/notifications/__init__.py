"""Notifications: from a step of the domain to mails, public events, webhooks and tasks.

Words: a *step* is announced by the domain where it is written (``outbox/steps.py``); a
*consequence* is what follows from it.

Invariants: ``table.py`` alone says what follows from which step, whichever interface made it.
Consequences are written down in the transaction of the step; mails, tasks and events leave after
the commit, so a step that is rolled back has none. What repeats a step that was done announces
nothing, and each mail leaves once.

Not its business: what happened (the domain), when workers run (tasks).
"""
