"""What a date and an amount mean where the site is, and how its reader writes them.

A date that a person gives is the end of that local day in the site's time zone. An amount has the
decimals of its currency. Numbers, money and days are written in the active language.
"""
