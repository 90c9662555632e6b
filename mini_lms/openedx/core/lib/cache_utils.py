"""Caching for the length of one request."""

import functools
from collections.abc import Callable, Hashable
from typing import Any

from edx_django_utils.cache import RequestCache


def request_cached(namespace: str | None = None) -> Callable[[Callable], Callable]:
    """Decorator: the same function with the same arguments is computed once per request."""

    def decorate(func: Callable) -> Callable:
        @functools.wraps(func)
        def wrapper(*args: Hashable, **kwargs: Hashable) -> Any:
            cache = RequestCache(namespace or f"{func.__module__}.{func.__qualname__}")
            key = (func.__qualname__, args, tuple(sorted(kwargs.items())))
            cached = cache.get_cached_response(key)
            if cached.is_found:
                return cached.value
            value = func(*args, **kwargs)
            cache.set(key, value)
            return value

        return wrapper

    return decorate
