"""The port to the platform behind the plugin.

The domain knows a course by its ``item_key`` (the course key as text) and learners as Django
users; whatever else the platform has stays behind this port. One adapter ships: ``edxapp``.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any, ClassVar

if TYPE_CHECKING:
    # Open edX keeps Django's own user model; a checker of types knows its fields.
    from django.contrib.auth.models import AnonymousUser
    from django.contrib.auth.models import User as DjangoUser

    User = DjangoUser
    #: Also somebody who isn't signed in.
    Visitor = DjangoUser | AnonymousUser
else:
    User = Visitor = Any


class HostRefusal(StrEnum):
    """Why the host won't enrol somebody."""

    NOT_FOUND = "not_found"
    CLOSED = "closed"
    FULL = "full"
    INVITATION_ONLY = "invitation_only"
    EMBARGOED = "embargoed"
    MODE_GONE = "mode_gone"
    PREVENTED = "prevented"


class Actor(StrEnum):
    """The kind of person or program behind the running request."""

    SELF_SERVICE = "self_service"
    STAFF = "staff"
    SERVICE = "service"
    SYSTEM = "system"


class Placement(StrEnum):
    """The outcome of putting a learner into a group."""

    PLACED = "placed"
    ALREADY = "already"
    MOVED = "moved"
    MISSING = "missing"
    REFUSED = "refused"


class BypassKind(StrEnum):
    """How learners may get into a course that the gate can't, or doesn't, close."""

    KNOWN_KEY = "known_key"
    TESTING = "testing"
    COPIES = "copies"
    ENTERPRISE = "enterprise"


@dataclass(frozen=True)
class Bypass:
    """``setting`` is the host's, which opens it."""

    kind: BypassKind
    setting: str


@dataclass(frozen=True)
class Mode:
    """A way to be enrolled. ``price`` in whole units of ``currency`` (ISO 4217, upper case)."""

    slug: str
    name: str
    price: int
    currency: str


@dataclass(frozen=True)
class HostItem:
    """A course as the host has it.

    ``modes`` are the course's own that are open now, not one that the host puts in their place when
    all are closed; ``paid_slugs`` names every mode with a price, closed ones too;
    ``unnamed_modes`` are those that an enrolment may end in when the host is asked for no mode in
    particular. ``seats_left`` is None where the host has no limit. ``free_url`` is where the host
    lets learners choose a free mode; empty for a course that has none.
    """

    key: str
    title: str
    org: str
    modes: Sequence[Mode]
    paid_slugs: frozenset[str]
    unnamed_modes: frozenset[str]
    about_url: str
    home_url: str
    starts: datetime | None = None
    ends: datetime | None = None
    invitation_only: bool = False
    seats_left: int | None = None
    summary: str = ""
    free_url: str = ""

    @property
    def paid_modes(self) -> list[Mode]:
        return [mode for mode in self.modes if mode.price]

    def get_mode(self, slug: str) -> Mode | None:
        return next((mode for mode in self.modes if mode.slug == slug), None)


@dataclass(frozen=True)
class Unlinked:
    """``is_off``: no page leads to any checkout; else these courses lack a number to be sold by."""

    is_off: bool
    item_keys: Sequence[str] = ()


@dataclass(frozen=True)
class Enrolment:
    """How a learner stands in a course: ``since`` is when the enrolment was made."""

    is_active: bool
    mode: str
    since: datetime


@dataclass(frozen=True)
class Attachment:
    name: str
    content: bytes
    content_type: str


@dataclass(frozen=True)
class Mail:
    """One message to one person; ``html`` may be empty."""

    subject: str
    text: str
    html: str = ""
    attachments: Sequence[Attachment] = field(default_factory=tuple)


@dataclass(frozen=True)
class Names:
    """The present and former names of a person: user names, full names and e-mail addresses."""

    user_names: Sequence[str] = ()
    full_names: Sequence[str] = ()
    addresses: Sequence[str] = ()


class Host(ABC):
    """The port to the platform. Every method is safe to call inside a transaction.

    ``name_relations`` are the relations of a user to load with it, so that ``get_full_name`` takes
    no query; ``name_fields`` look up, from a user, what that name is made of.
    """

    name_relations: ClassVar[tuple[str, ...]] = ()
    name_fields: ClassVar[tuple[str, ...]] = ("first_name", "last_name")

    @abstractmethod
    def get_item(self, item_key: str) -> HostItem:
        """The course. Raises errors.ItemNotFound, also for a key that is no key."""

    @abstractmethod
    def write_key(self, course_key: Any) -> str:
        """The item key of the course that the host means by one of its own key objects.

        Hosts may find one course by several keys: with a branch or version, in any case of letters.
        For a course that the host doesn't have it is the key as it stands.
        """

    @abstractmethod
    def search_items(self, text: str, *, limit: int = 20) -> list[tuple[str, str]]:
        """(key, title) of the courses whose key or title contains ``text``, by title."""

    def list_items_by_sku(self, skus: Iterable[str]) -> list[str]:
        """The keys of the courses that a shop of the host knows by these numbers."""
        return []

    def find_unlinked(self, item_keys: Iterable[str]) -> Unlinked | None:
        """Why the host's own pages don't lead to a checkout of these courses; None when they do."""
        return None

    def list_bypasses(self) -> Sequence[Bypass]:
        """The ways past the gate that the host's settings open to learners."""
        return ()

    def list_items_without_modes(self, item_keys: Iterable[str]) -> list[str]:
        """Those of these courses that are free to the host, having no mode at all."""
        return []

    @abstractmethod
    def check_enrol(self, user: Visitor, item_key: str, *, mode: str) -> HostRefusal | None:
        """The reason why this user can't be enrolled now; None when the user can.

        An enrolment that the user already has is not looked at, but a user who holds an active
        one isn't kept from changing its mode by a full or closed course. For an anonymous user
        nothing counts that depends on where the request comes from.
        """

    @abstractmethod
    def enrol(
        self, user: User, item_key: str, *, mode: str, reference: str, again: bool = False
    ) -> Enrolment:
        """Enrol, or lift an active enrolment in another mode to ``mode``.

        ``reference`` is kept with the enrolment, in a namespace of our own. ``again`` is for those
        who paid before: a mode that can't be bought any more is open to them.
        Raises errors.HostRefused, and errors.AlreadyEnrolled when nothing would change.
        """

    @abstractmethod
    def unenrol(self, user: User, item_key: str) -> None:
        """End an enrolment; nothing for somebody who has none. Raises errors.HostRefused.

        The host is told not to refund anything by itself.
        """

    @abstractmethod
    def get_enrolment(self, user: User, item_key: str) -> Enrolment | None:
        """The learner's enrolment, active or not, read afresh."""

    @abstractmethod
    def list_enrolments(self, pairs: Iterable[tuple[int, str]]) -> dict[tuple[int, str], Enrolment]:
        """The enrolments of (user id, item key) pairs, in one query however many they are."""

    @abstractmethod
    def is_invited(self, user: User, item_key: str) -> bool:
        """Whether staff invited this user to this course by name."""

    @abstractmethod
    def list_groups(self, item_key: str) -> list[str]:
        """The names of the course's groups; empty when it has none."""

    @abstractmethod
    def place_in_group(self, user: User, item_key: str, group: str) -> Placement:
        """Put an enrolled learner into a group of the course."""

    @abstractmethod
    def may_manage(self, user: User, item_key: str) -> bool:
        """Whether the user sells or runs this course: sales admin, course staff, superuser..."""

    @abstractmethod
    def get_actor(self, learner: User, item_key: str) -> Actor:
        """The one who asks, in the running request, that ``learner`` be enrolled in this course.

        STAFF may manage the course; another stranger counts as the learner. Without a request it
        is SYSTEM: a command or a task.
        """

    @abstractmethod
    def find_requester(self) -> User | None:
        """The signed-in user of the running request; None without a request, or for a server."""

    @abstractmethod
    def get_full_name(self, user: User) -> str:
        """The name that the host shows for a user; the user name when there is none."""

    def list_names(self, user: User) -> Names:
        """All that the host knows the person by, also of before, while the account is given up."""
        full_names = f"{user.first_name} {user.last_name}".strip()
        return Names([user.get_username()], [full_names], [user.email])

    def is_retired(self, user: User) -> bool:
        """Whether the account was given up: it is being retired, or has been."""
        return not user.is_active

    @abstractmethod
    def send_to(self, address: str, mail: Mail) -> None:
        """Send one mail through the host's transport; raises what the transport raises.

        Then the mail did not leave. Raises errors.MailOutcomeUnknown when it may have left.
        """

    def send(self, to_user: User, mail: Mail) -> None:
        """The same to a user. Raises ValueError for one without an address."""
        if not to_user.email:
            raise ValueError(f"user {to_user.pk} has no e-mail address")
        self.send_to(to_user.email, mail)

    def get_site_settings(self) -> Mapping[str, Any]:
        """TOKEN_PAYMENTS as the site that is being served has it for itself; mostly empty."""
        return {}

    @abstractmethod
    def absolute_url(self, path: str) -> str:
        """``path`` on this site with scheme and host name, for mails and texts."""
