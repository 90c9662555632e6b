"""Paying for one enrolment, and undoing it.

Words: a *Redemption* is one payment for one enrolment: reserved, then completed, later perhaps
reversed; a *PaymentMethod* (``payment_methods/``) knows what pays: a Token Code, a wallet.

Invariants: check, reserve, enrol and complete are one database transaction (``redeeming.py``):
nothing is taken without the enrolment, nobody is enrolled without the payment. A code pays for one
live redemption, and a learner has one live redemption per course (``Redemption.live``). Everything
that was checked at Review is checked again at Finish.

Not its business: pages (portal), words for refusals (presenters), prices (catalogue), the enrolment
itself (hosts).
"""
