"""Buying: Token Orders, the Token Codes that they make, and what is cancelled of them.

Words: a *TokenOrder* asks for a number of codes for one catalogue item on behalf of a *buyer*; it
is requested, then processed, or cancelled (``states.py``); for wallet tokens it asks for tokens of
a type, into an account. A *TokenCode* is available, redeemed, replaced or cancelled. A
*TokenOrderCancellation* takes back unused codes or tokens, with what was refunded in money; with a
*CancellationRequest* a buyer asks for that.

Invariants: an order has no code before processing and exactly its quantity after it (serials
1 to n); a redeemed code is never cancelled; nothing is ever deleted; every change and every look at
the codes is in the order's log with its actor. Codes are derived from the operator's key
(``codes.py``): the database has only keyed hashes of them.

Not its business: whose a code is (assignments), what it is redeemed for (checkout), who may do
what (the interfaces).
"""
