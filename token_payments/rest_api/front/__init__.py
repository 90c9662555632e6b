"""What a button on a course's page needs to know: one address, read only, for browsers.

Nothing in it is about anybody but whoever asks; docs/front-ends.md is its reference.
"""
