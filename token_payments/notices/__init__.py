"""Mails that must leave once: who may send which is settled in the database, before it is sent.

Words: a *notice* is one mail about one fact, named by its ``key`` (``order:42:processed``).

Invariants: of all workers that ask at once, or again later, one may send a notice, or the several
that one mail tells of. If that one dies while it sends, nobody knows whether the mail left, and it
isn't sent again.

Not its business: what mails say (emails), and the mails of assignments, which have states of their
own (distribution).
"""
