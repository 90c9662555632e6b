"""Numbers from forms and addresses, read without trusting them."""

from __future__ import annotations

MAX_DIGITS = 9  # what every database takes for an integer


def read_number(text: str) -> int | None:
    """A whole number that was typed or stands in an address; None for anything else."""
    is_number = text.isascii() and text.isdecimal() and len(text) <= MAX_DIGITS
    return int(text) if is_number else None
