"""Pre-paid training for Open edX: Token Codes and wallets that pay for enrolments."""

__version__ = "0.1.0"
