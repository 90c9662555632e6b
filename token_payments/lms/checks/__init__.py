"""System checks of what an operator can get wrong; importing the package registers them."""

from token_payments.lms.checks import bypasses, configuration, links, requests

__all__ = ["bypasses", "configuration", "links", "requests"]
