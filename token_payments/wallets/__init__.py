"""Accounts and their tokens: token types, accounts with their members, and the ledger.

Words: a *token* is a unit of a *TokenType*, never a code. An *Account* is the organisation that
pre-pays; its *AccountMembers* may spend (member) or also manage (manager). A *Wallet* is an
account's tokens of one type. A *TokenIssue* is a lot of tokens that were raised together, with one
expiry; *LedgerEntry* rows are append-only and say how its remaining tokens came about. *Burn order*
is soonest expiry first (``fifo.py``).

Invariants: for every issue the sum of its entries is what remains, and never below zero (a CHECK);
entries are never changed or deleted; tokens are usable in [issued_at, expires_at) whatever the
sweep has recorded; an archived type gets no new issue and no new price, a frozen account neither
issues nor spends.

Not its business: what tokens are spent on (checkout), who may do what (the interfaces).
"""
