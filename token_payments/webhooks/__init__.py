"""Events told by HTTP, to systems that have no event bus.

Words: an *endpoint* is an address of an account, or of the site, that is told of events; an *event*
is what happened, as it is sent (a *body*); a *delivery* is one event for one endpoint. Events are
those of ``token_payments/events.py``.

Invariants: an event is written in the transaction that makes it, so that none is lost and none is
told that was rolled back; an account's endpoint gets events of that account alone; of all workers
one sends a delivery at a time; no secret is stored, each is derived; no connection is made to an
address that ``addresses.py`` refuses, and none but to the address that it looked at.

Promised: at least once, under an id that stays. Not promised: the order.

Not its business: when workers run (``tasks/webhooks.py``), what mails say (notifications).
"""
