"""Tutor plugin: everything that an LMS run by Tutor needs for token_payments."""

__version__ = "0.1.0"
