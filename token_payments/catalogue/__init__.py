"""The courses of the host that may be paid with tokens, how, and for how much.

Words: a *CatalogueItem* is a host course that may be self-enrolled; its *enrolment method* is free
or paid, or left to the site's *EnrolmentSettings*; its *payment methods* are registered in
``checkout/payment_methods``. An *Offer* is all that taken together: what a learner is offered now.

Invariants: one item per course; a paid item has a price (its own or the host's) and at least one
payment method; the item's own enrolment method counts only while the site allows the override.

Not its business: whether somebody may enrol (checkout), the course itself (hosts).
"""
