"""Loading accounts, members, issues and prices from a file: looked at first, then applied.

Words: a **kind** of file has **columns** (``kinds.py`` declares them, once for reading, template
and documentation); a file that was read is a **sheet** of **rows**; each row gets a **verdict**:
create, update, unchanged or error.

Invariants: an empty cell leaves things as they are, and nothing is ever deleted; a file that is
loaded again changes nothing more; an issue is never changed by a load. A verdict is a promise to
nobody: each is found again when it is applied, and the operations of the domain check once more.

It writes nothing itself: every row is one call of a domain package's operation.

Not its business: how a file gets here, and who may load which (admin, management); what a price or
an issue may be (catalogue, wallets).
"""
