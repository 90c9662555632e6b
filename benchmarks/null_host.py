"""A platform that has every course and enrols at no cost: what remains is our own work."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from token_payments.hosts.base import (
    Actor,
    Enrolment,
    Host,
    HostItem,
    HostRefusal,
    Mail,
    Mode,
    Placement,
    User,
    Visitor,
)

_MODE = Mode(slug="verified", name="Verified", price=149, currency="GBP")
_SINCE = datetime(2026, 1, 1, tzinfo=UTC)


class NullHost(Host):
    """Nobody is enrolled before, everybody may be, and nothing is written."""

    def get_item(self, item_key: str) -> HostItem:
        return HostItem(
            key=item_key,
            title=item_key,
            org="Bench",
            modes=(_MODE,),
            paid_slugs=frozenset((_MODE.slug,)),
            unnamed_modes=frozenset((_MODE.slug,)),
            about_url="/about",
            home_url="/home",
        )

    def write_key(self, course_key: Any) -> str:
        return str(course_key)

    def search_items(self, text: str, *, limit: int = 20) -> list[tuple[str, str]]:
        return []

    def check_enrol(self, user: Visitor, item_key: str, *, mode: str) -> HostRefusal | None:
        return None

    def enrol(
        self, user: User, item_key: str, *, mode: str, reference: str, again: bool = False
    ) -> Enrolment:
        return Enrolment(is_active=True, mode=mode, since=_SINCE)

    def unenrol(self, user: User, item_key: str) -> None:
        """Nobody is enrolled."""

    def get_enrolment(self, user: User, item_key: str) -> Enrolment | None:
        return None

    def list_enrolments(self, pairs: Iterable[tuple[int, str]]) -> dict[tuple[int, str], Enrolment]:
        return {}

    def is_invited(self, user: User, item_key: str) -> bool:
        return False

    def list_groups(self, item_key: str) -> list[str]:
        return []

    def place_in_group(self, user: User, item_key: str, group: str) -> Placement:
        return Placement.PLACED

    def may_manage(self, user: User, item_key: str) -> bool:
        return False

    def get_actor(self, learner: User, item_key: str) -> Actor:
        return Actor.SYSTEM

    def find_requester(self) -> User | None:
        return None

    def get_full_name(self, user: User) -> str:
        return str(user)

    def send_to(self, address: str, mail: Mail) -> None:
        """Nowhere."""

    def absolute_url(self, path: str) -> str:
        return path
