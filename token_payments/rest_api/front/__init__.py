"""The answer for a button on a course's page: one address, read only, for browsers.

All in it is about the one who asks; docs/front-ends.md is its reference.
"""
