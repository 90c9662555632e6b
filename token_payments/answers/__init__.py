"""What the REST API answered to a request that has a key, so that its retry is answered the same.

Words: a *claim* is a request that is running under a key; its *answer* is status, body and
headers.

Invariants: a key belongs to one user, and stands for one request (by its *fingerprint*); of all
that come at once with one key one runs. The key itself isn't kept, and answers never hold a Token
Code: whatever answers with codes takes no key.

Not its business: what the request does. Operations have keys of their own, derived from this one,
so that a request that is run again, after its first process died, does nothing twice.
"""
