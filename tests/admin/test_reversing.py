"""Staff reverse a payment: what goes where is shown before it goes."""

from __future__ import annotations

from unittest import mock

from django.core import mail
from django.urls import resolve, reverse

from tests import factories
from tests.checkout.base import DAY, NOW, ReversalCase
from token_payments.errors import HostRefused
from token_payments.models import Redemption, TokenSettings


class ReversingTest(ReversalCase):
    def setUp(self) -> None:
        super().setUp()
        self.admin.is_staff = True
        self.admin.save()
        self.client.force_login(self.admin)
        clock = mock.patch("token_payments.admin.reversing.timezone.now", return_value=NOW + DAY)
        clock.start()
        self.addCleanup(clock.stop)

    def url(self, redemption: Redemption, page: str = "reverse") -> str:
        return reverse(f"admin:token_payments_redemption_{page}", args=[redemption.pk])

    def post(self, redemption: Redemption, **fields: str):
        with self.captureOnCommitCallbacks(execute=True):
            return self.client.post(self.url(redemption), {"reason": "ill", **fields}, follow=True)

    def test_the_page_shows_what_goes_where_and_changes_nothing(self) -> None:
        redemption = self.pay()
        assert "/reverse/" in self.client.get(self.url(redemption, "change")).content.decode()
        page = self.client.get(self.url(redemption))
        self.assertContains(page, "5 tokens go back to issue")
        self.assertContains(page, "2 tokens go back to issue")
        assert self.remaining() == [0, 8]

    def test_whose_payment_it_is_stands_above_it(self) -> None:
        redemption = self.pay()
        words = "Amara: Fire Safety"
        self.assertContains(self.client.get(self.url(redemption, "change")), f"<h1>{words}</h1>")
        self.assertContains(self.client.get(self.url(redemption)), f"<p>{words}, paid on ")
        self.assertContains(self.client.get(self.url(redemption)), "with 7 Gold of Acme.</p>")

    def test_with_unenrolling(self) -> None:
        redemption = self.pay()
        page = self.post(redemption, unenrol="on")
        self.assertContains(page, "The payment was reversed.")
        self.assertContains(page, "ill")
        assert self.remaining() == [5, 10]
        assert not self.is_enrolled()
        assert [one.to for one in mail.outbox] == [["amara@example.com"]]

    def test_without_it_the_learner_stays(self) -> None:
        self.post(self.pay())
        assert self.remaining() == [5, 10]
        assert self.is_enrolled()

    def test_a_reason_is_wanted(self) -> None:
        redemption = self.pay()
        self.assertContains(self.post(redemption, reason=""), "This field is required")
        assert self.remaining() == [0, 8]

    def test_a_second_time_is_told(self) -> None:
        redemption = self.pay()
        self.post(redemption)
        self.assertContains(self.post(redemption), "has been reversed already")
        assert self.remaining() == [5, 10]

    def test_what_has_expired_is_said(self) -> None:
        redemption = self.pay()
        later = mock.patch(
            "token_payments.admin.reversing.timezone.now", return_value=NOW + 5 * DAY
        )
        with later:
            self.assertContains(self.client.get(self.url(redemption)), "they stay expired")
            TokenSettings.objects.create(refund_grace_days=7)
            self.assertContains(self.client.get(self.url(redemption)), "are issued again until")

    def test_what_becomes_of_a_code_is_said(self) -> None:
        redemption = self.redeem()
        self.assertContains(self.client.get(self.url(redemption)), "by this learner alone")

    def test_a_host_that_wont_unenrol_is_told_and_nothing_changes(self) -> None:
        redemption = self.pay()
        refused = HostRefused("prevented")
        with mock.patch("token_payments.hosts.edxapp.EdxappHost.unenrol", side_effect=refused):
            page = self.post(redemption, unenrol="on")
        self.assertContains(page, "be unenrolled. Nothing was changed.")
        assert self.remaining() == [0, 8]

    def test_it_is_a_transaction_of_its_own_so_that_it_can_be_run_again(self) -> None:
        redemption = self.pay()
        for page in ("reverse", "enrol_again"):
            assert resolve(self.url(redemption, page)).func._non_atomic_requests

    def test_who_may_only_look_is_refused(self) -> None:
        redemption = self.pay()
        viewer = factories.make_user("viewer", is_staff=True)
        self.client.force_login(viewer)
        assert self.client.post(self.url(redemption), {"reason": "x"}).status_code == 403
        assert self.remaining() == [0, 8]
