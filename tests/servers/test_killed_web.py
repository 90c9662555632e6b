"""The web process is killed in the middle of Finish and of a reversal, or loses its database.

Real requests to a real server: afterwards all of it has happened or nothing, and the same form,
sent again, finishes.
"""

from __future__ import annotations

from datetime import timedelta
from time import monotonic
from urllib.parse import quote

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from common.djangoapps.student.models import CourseEnrollment
from tests import factories
from tests.servers.site import Answer, Web, cut, serve
from token_payments.checkout import operations as checkout_operations
from token_payments.models import PendingTask, Redemption, TokenIssue
from token_payments.orders import queries as order_queries
from token_payments.outbox.dispatch import resume_pending

pytestmark = [pytest.mark.servers, pytest.mark.django_db(transaction=True)]

COURSE = "course-v1:Web+W1+2026"
PAGES = f"/token-payments/checkout/{quote(COURSE)}"
GROUP = "North"
NO_BROKER = "amqp://guest:guest@127.0.0.1:1//"


class Story:
    """A learner who has seven Gold in two issues, and a code; a course that takes either."""

    def __init__(self) -> None:
        factories.allow_paid()
        factories.make_course(
            COURSE, modes={"verified": 149}, start=timezone.now() - timedelta(days=1)
        )
        factories.make_group(COURSE, GROUP)
        gold = factories.make_type()
        item = factories.make_item(COURSE, methods=["token_code", "wallet"], token_prices={gold: 7})
        self.learner = factories.make_user("learner")
        self.staff = factories.make_user("olive", is_staff=True, is_superuser=True)
        account = factories.make_account(members=[self.learner])
        for number, days in ((5, 9), (2, 99)):
            ends = timezone.now() + timedelta(days=days)
            factories.issue_tokens(account, gold, number, expires_at=ends)
        self.wallet = factories.find_wallet(account, gold)
        buyer = factories.make_user("buyer")
        self.order = factories.make_processed_order(item, buyer=buyer, quantity=1, group_name=GROUP)

    def come_to_review(self, method: str) -> dict[str, str]:
        """The session, and the key of the form that Review shows in it."""
        client = Client()
        client.force_login(self.learner)
        choice = {"method": method, "wallet-wallet": str(self.wallet.pk)}
        if method == "token_code":
            choice["token_code-code"] = factories.list_codes(self.order)[0]
        client.post(reverse("token_payments:checkout", kwargs={"item_key": COURSE}), choice)
        review = client.get(reverse("token_payments:review", kwargs={"item_key": COURSE}))
        return {
            "session": client.session.session_key,
            "idempotency_key": review.context["idempotency_key"],
        }

    def pay(self, method: str) -> Redemption:
        if method == "token_code":
            code = factories.list_codes(self.order)[0]
            return factories.redeem(self.learner, self.order.item, code)
        return factories.pay(self.learner, self.order.item, self.wallet)

    def come_to_reversal(self, redemption: Redemption) -> tuple[str, dict[str, str]]:
        client = Client()
        client.force_login(self.staff)
        path = f"/admin/token_payments/redemption/{redemption.pk}/reverse/"
        assert client.get(path).status_code == 200
        return path, {"session": client.session.session_key, "reason": "ill", "unenrol": "on"}

    def remaining(self) -> list[int]:
        return list(TokenIssue.objects.order_by("id").values_list("remaining", flat=True))

    def is_enrolled(self) -> bool:
        return CourseEnrollment.objects.filter(user=self.learner, is_active=True).exists()

    def assert_untouched(self) -> None:
        """Nothing was paid, and nobody enrolled."""
        assert self.remaining() == [5, 2]
        assert order_queries.count_codes(self.order).available == 1
        assert not Redemption.objects.exists()
        assert not CourseEnrollment.objects.exists()

    def assert_paid(self, method: str) -> None:
        """By one of both, once."""
        assert Redemption.objects.get().state == "completed"
        assert self.is_enrolled()
        paid_by_code = method == "token_code"
        assert self.remaining() == ([5, 2] if paid_by_code else [0, 0])
        assert order_queries.count_codes(self.order).available == (0 if paid_by_code else 1)

    def assert_reversed(self) -> None:
        assert Redemption.objects.get().state == "reversed"
        assert not self.is_enrolled()
        assert self.remaining() == [5, 2]
        assert order_queries.count_codes(self.order).available == 1


@pytest.fixture
def story() -> Story:
    return Story()


def finish(web: Web, form: dict[str, str]) -> Answer:
    return web.send(f"{PAGES}/finish/", **form).result()


@pytest.mark.parametrize(("point", "method"), [("reserved", "token_code"), ("enrolled", "wallet")])
def test_killed_in_finish_nothing_has_happened(story: Story, point: str, method: str) -> None:
    form = story.come_to_review(method)
    with serve(point) as web:
        answer = web.send(f"{PAGES}/finish/", **form)
        web.wait_for_point()
        web.kill()
        assert answer.exception(timeout=60) is not None
    story.assert_untouched()
    with serve() as web:
        status, address = finish(web, form)
    story.assert_paid(method)
    assert (status, address) == (302, f"/token-payments/receipt/{Redemption.objects.get().uuid}/")


def test_killed_after_the_commit_the_same_form_finds_its_receipt(story: Story) -> None:
    form = story.come_to_review("token_code")
    with serve("committed") as web:
        web.send(f"{PAGES}/finish/", **form)
        web.wait_for_point()
        web.kill()
    story.assert_paid("token_code")
    with serve() as web:
        status, address = finish(web, form)
    assert (status, address) == (302, f"/token-payments/receipt/{Redemption.objects.get().uuid}/")
    checkout_operations.retry_groups(now=timezone.now() + timedelta(hours=1))
    assert Redemption.objects.get().group_state == "placed"


def test_a_connection_that_is_cut_in_finish_takes_nothing(story: Story) -> None:
    form = story.come_to_review("wallet")
    with serve("enrolled") as web:
        answer = web.send(f"{PAGES}/finish/", **form)
        cut(web.wait_for_point())
        web.go_on()
        assert answer.result()[0] == 503
    story.assert_untouched()
    with serve() as web:
        assert finish(web, form)[0] == 302
    story.assert_paid("wallet")


@pytest.mark.parametrize(
    ("how", "point", "method"),
    [
        ("kill", "given back", "wallet"),
        ("kill", "unenrolled", "token_code"),
        ("cut", "given back", "token_code"),
        ("cut", "unenrolled", "wallet"),
    ],
)
def test_a_reversal_that_is_killed_or_cut_has_given_nothing_back(
    story: Story, point: str, method: str, how: str
) -> None:
    path, form = story.come_to_reversal(story.pay(method))
    with serve(point) as web:
        answer = web.send(path, **form)
        connection_id = web.wait_for_point()
        if how == "kill":
            web.kill()
            assert answer.exception(timeout=60) is not None
        else:
            cut(connection_id)
            web.go_on()
            assert answer.result()[0] == 500
    story.assert_paid(method)
    assert not PendingTask.objects.exists()
    with serve() as web:
        assert web.send(path, **form).result()[0] == 302
    story.assert_reversed()


def test_without_a_broker_the_learner_is_enrolled_at_once_and_mails_go_later(story: Story) -> None:
    form = story.come_to_review("wallet")
    with serve(broker=NO_BROKER) as web:
        began = monotonic()
        assert finish(web, form)[0] == 302
        story.assert_paid("wallet")
        leave = {"course_id": COURSE, "enrollment_action": "unenroll"}
        answer = web.send("/change_enrollment", form["session"], **leave).result()
        assert answer[0] == 200
        assert monotonic() - began < 30
    assert not story.is_enrolled()
    assert Redemption.objects.get().state == "completed"
    assert PendingTask.objects.count() == 2  # the receipt, and what leaving gives back

    resume_pending(now=timezone.now() + timedelta(minutes=5))  # here tasks are done at once

    story.assert_reversed()
    assert [one.to for one in mail.outbox] == [["learner@example.com"]] * 2
    receipt, reversal = (one.subject for one in mail.outbox)
    assert "enrolled" in receipt
    assert receipt != reversal
    assert not PendingTask.objects.exists()
