"""Doing a thing once, and losing nothing that is to be done.

Words: a *step* is something that happened in the domain, announced where it is written
(``steps.py``). A *lease* is what one worker has taken for itself alone, for a while
(``leases.py``). A *notice* is one mail about one fact, named by its ``key``
(``order:42:processed``). A *pending task* is work for a worker, enqueued in the transaction that
makes it necessary, dispatched to the broker after the commit, and completed when it is done. A
*claim* is a request of the REST API that runs under an idempotency key; its *answer* is status,
body and headers.

Invariants: of all workers that ask at once, or again later, one may send a notice, or the several
that one mail tells of. If that one dies while it sends, nobody knows whether the mail left, and it
isn't sent again. A pending task that no broker took, or that a worker lost, is dispatched again. An
idempotency key belongs to one user and stands for one request (by its *fingerprint*); of all that
come at once with one key one runs. The key itself isn't kept, and answers never hold a Token Code:
what answers with codes takes no key. An operation looks its key up before any rule
(``earlier.find_earlier``): with the same arguments it answers with the row that it made, with
others it raises IdempotencyConflict.

Not its business: what mails say and who is told (notifications), what a request does. Operations
have keys of their own, derived from the request's, so that a request that is run again, after its
first process died, does nothing twice.
"""
