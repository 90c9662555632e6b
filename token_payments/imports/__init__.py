"""Loading accounts, members, issues and prices from a file: looked at first, then applied.

Words: a **kind** of file has **columns** (``kinds.py`` declares them, once for reading, template
and documentation); a file that was read is a **sheet** of **rows**; each row gets a **verdict**:
create, update, unchanged or error.

Invariants: an empty cell leaves things as they are, and nothing is ever deleted; a file that is
loaded again changes nothing more; an issue is never changed by a load. A verdict is a promise to
nobody: each is found again when it is applied, and the operations of the domain check once more.

It writes nothing itself: every row is one call into ``token_payments.api``. How a file gets here,
and who may load which, is the business of the admin's page and of the command.
"""
