"""Dates and amounts: what they mean where the site is, and how its reader writes them.

Invariants: a date that a person gives is the end of that local day in the site's time zone; an
amount has the decimals of its currency. Numbers, money and days are written in the active language.

It lies below the domain, whose rules need both. Not its business: sentences (presenters).
"""
