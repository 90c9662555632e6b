"""Too many refused codes: one has to wait, and learns nothing meanwhile."""

from __future__ import annotations

from unittest.mock import patch

from django.core.cache import cache
from django.test import RequestFactory, override_settings
from freezegun import freeze_time

from tests import factories
from tests.portal.base import NEVER_MADE, SETTINGS, CheckoutTestCase, url
from token_payments.errors import CodeNotRedeemable, TooManyAttempts
from token_payments.lms.checks.requests import check_addresses
from token_payments.models import Redemption
from token_payments.throttling import guard_attempt

TITLE = "Please wait a little"


@override_settings(TOKEN_PAYMENTS=SETTINGS)
class ThrottleTests(CheckoutTestCase):
    def setUp(self):
        super().setUp()
        # what is counted depends on the clock: all of a test is one period
        frozen = freeze_time("2026-11-21 12:00:30")
        frozen.start()
        self.addCleanup(frozen.stop)

    def exhaust(self, attempts=3, **extra):
        for _ in range(attempts):
            self.assertEqual(self.enter(NEVER_MADE, **extra).status_code, 200)

    def test_next_is_refused_after_so_many_refused_codes(self):
        self.exhaust()
        self.assert_refused(self.enter(NEVER_MADE), 429, TITLE)

    def test_a_valid_code_is_not_even_tried(self):
        self.exhaust()
        with patch("token_payments.checkout.queries.review") as review:
            self.assert_refused(self.enter(self.codes[0]), 429, TITLE)
        review.assert_not_called()
        self.assert_untouched()

    def test_tells_when_to_try_again(self):
        self.exhaust()
        response = self.enter(NEVER_MADE)
        wait = int(response["Retry-After"])
        self.assertGreater(wait, 0)
        self.assertLessEqual(wait, 600)
        self.assertContains(response, "(Europe/London)", status_code=429)
        self.assertContains(response, "min.", status_code=429)

    def test_what_was_entered_is_kept_and_works_after_the_wait(self):
        self.exhaust()
        wait = int(self.enter(self.codes[0])["Retry-After"])
        with freeze_time("2026-11-21 12:00:30") as clock:
            clock.tick(wait + 1)
            self.assertContains(self.review(), self.codes[0][-4:])

    def test_review_and_finish_are_refused_too(self):
        self.enter(self.codes[0])
        nonce = self.get_nonce()
        request = RequestFactory().get("/")
        request.user = self.learner
        for _ in range(3):
            with self.assertRaises(CodeNotRedeemable), guard_attempt(request, "token_code"):
                raise CodeNotRedeemable("unknown")
        self.assert_refused(self.review(), 429, TITLE)
        self.assertContains(self.finish(nonce), TITLE, status_code=429)
        self.assert_untouched()

    def test_receipt_of_a_finished_payment_is_found_all_the_same(self):
        self.enter(self.codes[0])
        nonce = self.get_nonce()
        first = self.finish(nonce)
        with patch(
            "token_payments.portal.finish.guard_attempt", side_effect=TooManyAttempts(wait=9)
        ):
            self.assertEqual(self.finish(nonce)["Location"], first["Location"])

    def test_typing_errors_cost_nothing(self):
        for _ in range(5):
            self.assertContains(self.enter("7KQ2-M4ZD-W9TX-3VBNX"), "typing error")
        self.assertRedirects(self.enter(self.codes[0]), url("review"))

    def test_redeemable_codes_cost_nothing(self):
        for _ in range(5):
            self.enter(self.codes[0])
            self.review()
        self.finish()
        self.assertEqual(Redemption.objects.count(), 1)

    def test_others_at_the_same_address_may_go_on_until_that_is_used_up(self):
        self.exhaust()
        self.client.force_login(factories.make_user("second"))
        self.exhaust(2)
        self.client.force_login(factories.make_user("third"))
        self.assert_refused(self.enter(NEVER_MADE), 429, TITLE)

    def test_another_address_does_not_help_the_learner(self):
        self.exhaust()
        self.assert_refused(self.enter(NEVER_MADE, REMOTE_ADDR="81.2.69.160"), 429, TITLE)

    def test_another_address_has_a_count_of_its_own(self):
        self.exhaust(3, REMOTE_ADDR="81.2.69.160")
        self.client.force_login(factories.make_user("second"))
        self.exhaust(3, REMOTE_ADDR="81.2.69.161")

    def test_addresses_of_one_ipv6_network_count_as_one(self):
        self.exhaust(3, REMOTE_ADDR="2a02:8010:1:2::1")
        self.client.force_login(factories.make_user("second"))
        self.exhaust(2, REMOTE_ADDR="2a02:8010:1:2::2")
        self.assert_refused(self.enter(NEVER_MADE, REMOTE_ADDR="2a02:8010:1:2::3"), 429, TITLE)

    def test_a_port_behind_the_address_does_not_make_another_one(self):
        self.exhaust(3, REMOTE_ADDR="81.2.69.160:4711")
        self.client.force_login(factories.make_user("second"))
        self.exhaust(2, REMOTE_ADDR="81.2.69.160")
        response = self.enter(NEVER_MADE, REMOTE_ADDR="81.2.69.160:80")
        self.assert_refused(response, 429, TITLE)
        self.assertEqual(check_addresses(), [])

    def test_without_an_address_each_user_is_counted_and_the_operator_warned(self):
        for name, address in enumerate(("", "unix:", "a" * 300, "[::1", "☃")):
            with self.subTest(address):
                cache.clear()
                for user in range(6):
                    self.client.force_login(factories.make_user(f"user {name} {user}"))
                    self.exhaust(3, REMOTE_ADDR=address)
                self.assert_refused(self.enter(NEVER_MADE, REMOTE_ADDR=address), 429, TITLE)
                [warning] = check_addresses()
                self.assertEqual(warning.id, "token_payments.W010")
                self.assertIn(repr(address[:100]), warning.msg)

    def test_addresses_of_a_link_are_one_network_like_others(self):
        self.exhaust(3, REMOTE_ADDR="fe80::1%eth0")
        self.client.force_login(factories.make_user("second"))
        self.exhaust(2, REMOTE_ADDR="fe80::2%eth1")
        self.assert_refused(self.enter(NEVER_MADE, REMOTE_ADDR="fe80::3"), 429, TITLE)

    def test_forged_forwarding_does_not_make_an_address(self):
        self.exhaust(3, REMOTE_ADDR="81.2.69.160", HTTP_X_FORWARDED_FOR="9.9.9.9")
        self.client.force_login(factories.make_user("second"))
        self.exhaust(2, REMOTE_ADDR="81.2.69.160", HTTP_X_FORWARDED_FOR="8.8.8.8")
        response = self.enter(NEVER_MADE, REMOTE_ADDR="81.2.69.160", HTTP_X_FORWARDED_FOR="8.8.4.4")
        self.assert_refused(response, 429, TITLE)

    def test_visitors_may_choose_since_nothing_is_looked_up(self):
        self.exhaust()
        self.client.logout()
        self.assertEqual(self.enter(self.codes[0]).status_code, 302)


class CacheTests(CheckoutTestCase):
    def test_waits_while_the_cache_does_not_answer(self):
        with patch("django_ratelimit.core.caches") as caches:
            caches.__getitem__.return_value.add.return_value = False
            caches.__getitem__.return_value.get.return_value = None
            self.assertEqual(self.enter(self.codes[0])["Retry-After"], "60")

    @override_settings(RATELIMIT_ENABLE=False)
    def test_nothing_is_counted_where_the_operator_switched_it_off(self):
        for _ in range(12):
            self.assertEqual(self.enter(NEVER_MADE).status_code, 200)
