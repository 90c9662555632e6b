"""One person's data: told to them when they ask, and removed when they leave.

Words: a *subject* is the person, by a user of the host, by e-mail addresses, or both; *retiring* a
subject removes every personal value of theirs that we hold; an *export* lists what there is.

Invariants: every column that can hold text is declared in ``columns.py``: a test fails for one that
isn't. What a person wrote, or what was written about them, goes as a whole; their names and
addresses go wherever else they are found. Numbers, states and times stay, so that ledgers, orders
and the doctor agree afterwards as before. Users are the host's: references to them stay, and lead
to an account without a name.

Not its business: the host's own records, and whether somebody may be retired.
"""
