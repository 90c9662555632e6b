"""Buying: Token Orders, the Token Codes that they make, and what is cancelled of them.

Words: a *TokenOrder* asks for a number of codes for one catalogue item on behalf of a *buyer*; it
is requested, then processed, or cancelled (``states.py``). A *TokenCode* is available, redeemed or
cancelled. A *TokenOrderCancellation* takes back some unused codes, with what was refunded in money.

Invariants: an order has no code before processing and exactly its quantity after it (serials
1 to n); a redeemed code is never cancelled; nothing is ever deleted; every change and every look at
the codes is in the order's log with its actor. Codes are derived from the operator's key
(``codes.py``): the database has only keyed hashes of them.

Not its business: what a code is redeemed for (checkout), who may do what (the interfaces).
"""
