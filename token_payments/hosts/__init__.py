"""The platform behind the plugin, seen through a port.

``base.py`` is the port; ``edxapp.py`` the adapter to the Open edX LMS, which is also the one that
the demo and the tests run, against ``mini_lms/``. Nothing outside this package (and the two places
where the host calls us, ``lms/pipeline.py`` and ``lms/receivers.py``) knows the platform.

Invariants: the host is imported inside functions only, and nothing of it is used that isn't in its
contract. Every method of the port is safe to call inside a transaction.

Not its business: what the host calls (lms), any model or rule of the plugin.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, cast

from django.core.signals import setting_changed
from django.dispatch import receiver
from django.utils.functional import SimpleLazyObject, empty
from django.utils.module_loading import import_string

from token_payments import conf
from token_payments.errors import ConfigurationError
from token_payments.hosts.base import Host


def get_host() -> Host:
    """The adapter that TOKEN_PAYMENTS["HOST"] names. Raises ConfigurationError."""
    return _load(str(conf.get("HOST")))


@lru_cache
def _load(path: str) -> Host:
    try:
        adapter = import_string(path)()
    except ImportError as error:
        raise ConfigurationError(f'TOKEN_PAYMENTS["HOST"]: {error}') from error
    if not isinstance(adapter, Host):
        raise ConfigurationError(f'TOKEN_PAYMENTS["HOST"]: {path} is not a Host')
    return adapter


#: The adapter, loaded when it is used first. Every use raises ConfigurationError until it can be.
host = cast("Host", SimpleLazyObject(get_host))


@dataclass(frozen=True)
class Served:
    """The subject of the running task: a course, else a person by the id, or neither."""

    item_key: str = ""
    user_id: int | None = None


#: Whose site is served, where there is no request that has one.
served: ContextVar[Served | None] = ContextVar("token_payments_served", default=None)


@contextmanager
def on_site_of(item_key: str = "", *, user_id: int | None = None) -> Iterator[None]:
    """Serve, without a request, the site of the course: its addresses, sender and seller.

    Without a course it is the site on which this person registered.
    """
    token = served.set(Served(item_key, user_id))
    try:
        yield
    finally:
        served.reset(token)


def read_site_settings() -> Mapping[str, Any]:
    """The settings of the site that is being served; none where HOST leads to no adapter.

    That is told by a system check, which has to read settings for it.
    """
    try:
        return host.get_site_settings()
    except (ConfigurationError, TypeError):
        return {}


def list_name_relations(relation: str) -> list[str]:
    """The relations to select so that naming the users behind ``relation`` takes no query."""
    return [relation, *(f"{relation}__{name}" for name in host.name_relations)]


@receiver(setting_changed)
def _load_anew(*, setting: str, **_kwargs: Any) -> None:
    """Tests change settings; an LMS doesn't."""
    if setting == "TOKEN_PAYMENTS":
        host._wrapped = empty  # type: ignore[attr-defined]
