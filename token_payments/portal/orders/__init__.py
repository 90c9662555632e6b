"""Manage My Tokens, the buyers' part: the orders that the visitor looks after, and new requests."""
