"""Assignments: which learner was given which code, who was told, and an order's delegates.

Words: an *assignment* gives one available code to one e-mail address; while it is *live* only an
account with that address can redeem the code, unless it was left *open*. Assignments made together
are a *batch*; their mails go out one by one. A *delegate* sees an order and hands its codes out
beside its buyer.

Invariants: a code has one live assignment at most; taking a code away from somebody replaces it by
a new one (``orders/generation.py``), so what was mailed is worth nothing; a mail is claimed before
it is sent, so no retry sends it twice; a code that is somebody's isn't cancelled with unused ones.

Not its business: what codes are (orders), what they pay for (checkout), what mails say
(notifications).
"""
