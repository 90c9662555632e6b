"""The payment methods: one file each, registered by dotted path in the settings."""

from __future__ import annotations

from functools import lru_cache

from django.utils.module_loading import import_string

from token_payments import conf
from token_payments.checkout.payment_methods.base import PaymentMethod
from token_payments.errors import ConfigurationError, NotOffered


def list_methods() -> list[PaymentMethod]:
    """The registered methods, in the operator's order. Raises ConfigurationError."""
    return [_load(path) for path in conf.get("PAYMENT_METHODS")]


def get_method(slug: str) -> PaymentMethod:
    """The method with this slug. Raises NotOffered when none is registered under it."""
    for method in list_methods():
        if method.slug == slug:
            return method
    raise NotOffered(slug)


@lru_cache
def _load(path: str) -> PaymentMethod:
    try:
        method = import_string(path)()
    except ImportError as error:
        raise ConfigurationError(f'TOKEN_PAYMENTS["PAYMENT_METHODS"]: {error}') from error
    if not isinstance(method, PaymentMethod):
        raise ConfigurationError(f'TOKEN_PAYMENTS["PAYMENT_METHODS"]: {path} is no PaymentMethod')
    return method
