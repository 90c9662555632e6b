"""A site with an interface for everybody, and an ear for what follows from what they do.

A *door* is a function that makes a step of the domain through a real interface. It sets its own
scene first, and returns what makes the step: only that is listened to.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from unittest import mock

import attr
from celery import current_app
from django.conf import settings
from django.core.cache import cache
from django.db import transaction
from django.db.models import Model
from django.test import Client, TestCase, override_settings
from django.utils import timezone
from edx_django_utils.cache import TieredCache

from tests import factories
from tests.events.base import listening
from tests.rest_api.base import ApiClient
from token_payments.l10n.dates import end_of_day
from token_payments.models import (
    Account,
    BulkJob,
    CancellationRequest,
    OrderDelegate,
    PendingTask,
    Redemption,
    TokenIssue,
    TokenOrder,
    TokenSettings,
    Wallet,
    WebhookEndpoint,
)
from token_payments.notifications import consequences
from token_payments.notifications.table import FOLLOWS
from token_payments.outbox import pending, steps
from token_payments.outbox.dispatch import TASKS
from token_payments.outbox.steps import Consequence, Step

COURSE = "course-v1:Acme+Fire+2026"
BILLING = {"name": "Acme Ltd", "street": "1 High Street", "city": "London", "country": "GB"}
MAY_CANCEL = {**settings.TOKEN_PAYMENTS, "BUYERS_MAY_CANCEL": True}

#: By what a task's argument, or what is in an event's data, is called: what it names, and how.
NAMES: Mapping[str, tuple[str, type[Model], str]] = {
    "account_id": ("account", Account, "pk"),
    "delegate_id": ("delegate", OrderDelegate, "pk"),
    "endpoint_id": ("endpoint", WebhookEndpoint, "pk"),
    "issue_id": ("issue", TokenIssue, "pk"),
    "job_id": ("job", BulkJob, "pk"),
    "number": ("order", TokenOrder, "number"),
    "order_id": ("order", TokenOrder, "pk"),
    "redemption_id": ("redemption", Redemption, "pk"),
    "redemption_uuid": ("redemption", Redemption, "uuid"),
    "request_id": ("request", CancellationRequest, "pk"),
    "wallet_id": ("wallet", Wallet, "pk"),
}
PEOPLE = ("buyer_id", "learner_id", "recipient_id")
TIMES = ("left_at", "time", "when")

Act = Callable[[], object]
Door = Callable[["Site"], Act]
Doors = Mapping[str, Sequence[Door]]  # by what is done through them


@dataclass
class Heard:
    """What followed: the steps that were announced, then tasks and events, ids named."""

    steps: list[Step] = field(default_factory=list)
    tasks: list[str] = field(default_factory=list)
    events: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    @property
    def names(self) -> list[str]:
        """Tasks with their arguments, and events by their names alone."""
        return sorted([*self.tasks, *(name for name, _ in self.events)])


def given(scene: Callable[[Site], object], door: Door) -> Door:
    """The door, with more of a scene before it."""

    def act_in_scene(site: Site) -> Act:
        scene(site)
        return door(site)

    act_in_scene.__name__ = f"{door.__name__}, given {scene.__name__}"
    return act_in_scene


@override_settings(TOKEN_PAYMENTS=MAY_CANCEL)
class Site(TestCase):
    """COURSE costs 149 GBP or 7 Gold. The learner is a member of Acme, which has 20 Gold.

    The manager manages Acme and Beta, and is told when fewer than 5 Gold are left.
    """

    @classmethod
    def setUpTestData(cls) -> None:
        cls.gold = factories.make_type()
        cls.item = factories.make_shop(
            COURSE,
            modes={"verified": 149},
            price=149,
            methods=("token_code", "wallet"),
            token_prices={cls.gold: 7},
        )
        cls.staff = factories.make_user("staff", is_staff=True, is_superuser=True)
        cls.buyer, cls.manager = factories.make_user("buyer"), factories.make_user("manager")
        cls.learner, cls.helper = factories.make_user("learner"), factories.make_user("helper")
        cls.account = factories.make_account(members=[cls.learner], managers=[cls.manager])
        cls.other = factories.make_account("Beta", managers=[cls.manager])
        TokenSettings.objects.create(transfers_allowed=True)
        expires_at = end_of_day((timezone.now() + timedelta(days=30)).date())
        cls.issue = factories.issue_tokens(cls.account, cls.gold, 20, expires_at=expires_at)
        Wallet.objects.update(low_balance=5)
        cls.wallet = Wallet.objects.select_related("account").get()

    #: Who the step is to be said to be done by.
    actor: Any = None

    def by(self, user: Any) -> Any:
        """This is who acts."""
        self.actor = user
        return user

    def sign_in(self, user: Any) -> Client:
        client = Client()
        client.force_login(self.by(user))
        return client

    def admin(self, url: str, data: Any = None, *, status: int = 302) -> Any:
        """A form of the admin that staff fill in rightly: it leads on."""
        return self.portal(self.staff, url, data, status=status)

    def portal(self, user: Any, url: str, data: Any = None, *, status: int = 302) -> Any:
        answer = self.sign_in(user).post(url, data or {})
        self.assertEqual(answer.status_code, status, answer.content.decode()[-2000:])
        return answer

    def api(self, user: Any, path: str, body: Any = None) -> Any:
        """What a POST to the API is answered with."""
        answer = ApiClient(self.by(user)).post(path, body)
        self.assertIn(answer.status_code, (200, 201, 202), answer.content)
        return answer.json()

    def work(self, function_name: str) -> None:
        """What a worker does with the one such task that was enqueued."""
        [work] = PendingTask.objects.filter(task=f"{TASKS}.{function_name}")
        args, kwargs = pending.read_arguments(work)
        current_app.tasks[work.task](*args, **kwargs)

    def hear(self, door: Door) -> Heard:
        """What follows from the step that the door makes; then all is as it was."""
        cache.clear()
        TieredCache.dangerous_clear_all_tiers()
        self.actor = None
        point = transaction.savepoint()  # no block: some of the LMS's views must be the outermost
        try:
            act = door(self)
            with _hearing(self) as heard, self.captureOnCommitCallbacks(execute=True):
                act()
        finally:
            transaction.savepoint_rollback(point)
        return heard

    def name(self, argument: str, value: Any) -> Any:
        """What it names: the first or only such row, or the second one; a time is "time"."""
        if argument == "actor_id":
            acts = None if self.actor is None else self.actor.pk
            return "actor" if value == acts else f"not the actor, but {value}"
        if argument in PEOPLE:
            people = (self.buyer, self.manager, self.learner, self.helper, self.staff)
            return next((one.username for one in people if one.pk == value), value)
        if argument in TIMES:
            assert isinstance(value, datetime) or datetime.fromisoformat(value), value
            return "time"
        if argument in NAMES and value not in (None, ""):
            noun, model, name = NAMES[argument]
            rows = model._default_manager.order_by("pk")
            number = [str(getattr(row, name)) for row in rows].index(str(value)) + 1
            return noun if number == 1 else f"{noun} {number}"
        return value


class _Announced(dict[Step, Sequence[Consequence]]):
    """The table of what follows, which keeps what is looked up."""

    def __init__(self, heard: Heard) -> None:
        super().__init__(FOLLOWS)
        self.heard = heard

    def get(self, step: Step, default: Any = None) -> Any:  # type: ignore[override]
        self.heard.steps.append(step)
        return super().get(step, default)


@contextmanager
def _hearing(site: Site) -> Iterator[Heard]:
    """What is enqueued isn't run. Ids are named at the end, when everything is there."""
    heard, enqueued = Heard(), []

    def enqueue(function_name: str, **arguments: Any) -> None:
        enqueued.append((function_name, arguments))

    def send_soon(function_name: str, **arguments: Any) -> None:
        enqueued.append((f"soon: {function_name}", arguments))

    with (
        mock.patch.object(consequences, "enqueue", enqueue),
        mock.patch.object(consequences, "send_soon", send_soon),
        mock.patch.object(steps, "_follows", _Announced(heard)),
        listening() as sent,
    ):
        yield heard
    for name, arguments in enqueued:
        named = [f"{key}={site.name(key, value)}" for key, value in arguments.items()]
        heard.tasks.append(f"{name}({', '.join(named)})")
    for name, data in sent:
        named_data = {key: site.name(key, value) for key, value in attr.asdict(data).items()}
        heard.events.append((name, named_data))
