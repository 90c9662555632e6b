"""Pre-paid training for Open edX: Token Codes and wallets that pay for enrolments.

The packages are the rooms of one house: docs/how-it-works.md shows them, and each one's docstring
tells its purpose, its words, what always holds in it, and what isn't its business.
"""

__version__ = "0.1.0"
