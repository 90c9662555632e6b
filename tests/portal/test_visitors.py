"""Visitors, links and secrets: what survives sign-in, whose it is, what is nowhere to be read."""

from __future__ import annotations

import logging

import pytest
from django.contrib.auth import get_user
from django.test import override_settings

from tests import factories
from tests.portal.base import COURSE, NEVER_MADE, CheckoutTestCase, url


class SignInTests(CheckoutTestCase):
    def setUp(self):
        super().setUp()
        self.client.logout()

    def sign_in(self, user):
        self.assertTrue(self.client.login(username=user.username, password=factories.PASSWORD))

    def test_choice_survives_sign_in(self):
        response = self.enter(self.codes[0])
        self.assertEqual(response.status_code, 302)
        self.assertTrue(response["Location"].startswith("/login?next=/token-payments/checkout/"))
        response = self.client.post(
            response["Location"],
            {"username": "learner", "password": factories.PASSWORD},
            follow=True,
        )
        self.assertContains(response, f"Token Code ending in {self.codes[0][-4:]}")

    def test_visitors_learn_nothing_of_a_code(self):
        codes = (self.codes[0], NEVER_MADE)
        answers = {(r.status_code, r["Location"]) for r in map(self.enter, codes)}
        self.assertEqual(len(answers), 1)

    def test_pages_that_need_a_user_lead_to_sign_in(self):
        redemption = factories.redeem(self.learner, self.item, self.codes[0])
        for address in (
            url("review"),
            url("finish"),
            f"/token-payments/receipt/{redemption.uuid}/",
        ):
            response = self.client.get(address)
            self.assertEqual(response.status_code, 302)
            self.assertTrue(response["Location"].startswith("/login?next="), address)

    def test_choice_is_not_handed_on_to_another_user(self):
        self.sign_in(self.learner)
        self.enter(self.codes[0])
        nonce = self.get_nonce()
        session = self.client.session
        kept = session["token_payments_checkout"]
        self.client.force_login(self.buyer)
        session = self.client.session
        session["token_payments_checkout"] = kept  # as if the session had outlived its user
        session.save()
        self.assertEqual(get_user(self.client).username, "buyer")
        self.assertRedirects(self.finish(nonce), url("review"), fetch_redirect_response=False)
        self.assertRedirects(self.review(), url("checkout"), fetch_redirect_response=False)
        self.assertNotIn(COURSE, self.client.session["token_payments_checkout"])
        self.assert_untouched()

    def test_anothers_nonce_finds_nothing(self):
        self.sign_in(self.learner)
        self.enter(self.codes[0])
        nonce = self.get_nonce()
        self.finish(nonce)
        self.client.force_login(self.buyer)
        self.assertRedirects(self.finish(nonce), url("review"), fetch_redirect_response=False)


class LinkTests(CheckoutTestCase):
    def follow_link(self, code, **extra):
        return self.client.get(url("checkout"), {"code": code}, **extra)

    def test_code_in_a_link_is_exchanged_at_once(self):
        response = self.follow_link(self.codes[0])
        self.assertRedirects(response, url("review"))
        self.assertContains(self.review(), self.codes[0][-4:])

    def test_it_survives_sign_in(self):
        self.client.logout()
        response = self.follow_link(self.codes[0])
        self.assertTrue(response["Location"].startswith("/login?next="))
        self.assertNotIn(self.codes[0], response["Location"])
        self.client.login(username="learner", password=factories.PASSWORD)
        self.assertContains(self.review(), self.codes[0][-4:])

    def test_mistyped_link_leads_to_an_empty_field_with_the_reason(self):
        response = self.follow_link("7KQ2")
        self.assertNotIn("7KQ2", response["Location"])
        page = self.client.get(response["Location"])
        self.assertContains(page, "code of the link that you followed")
        self.assertNotContains(page, "7KQ2")

    def test_link_to_what_is_not_for_sale_drops_the_code_too(self):
        factories.allow_paid(enabled=False)
        response = self.follow_link(self.codes[0])
        self.assertRedirects(response, url("checkout"), target_status_code=409)

    def test_link_with_a_used_code_shows_the_form_again(self):
        factories.redeem(factories.make_user("first"), self.item, self.codes[0])
        response = self.follow_link(self.codes[0], follow=True)
        self.assertContains(response, "used for this course")


class SecrecyTests(CheckoutTestCase):
    @pytest.fixture(autouse=True)
    def _capture(self, caplog):
        self.caplog = caplog

    def test_code_is_nowhere_but_in_the_request(self):
        with self.caplog.at_level(logging.DEBUG):
            self.enter(self.codes[0])
            kept = str(dict(self.client.session))
            pages = [self.client.get(url("checkout")), self.review()]
            pages.append(self.finish(follow=True))
        bare = self.codes[0].replace("-", "")
        for text in (kept, self.caplog.text, *(page.content.decode() for page in pages)):
            for spelling in (self.codes[0], bare, bare[:12], self.codes[0].lower()):
                self.assertNotIn(spelling, text)

    def test_pages_are_never_stored_and_tell_other_sites_nothing(self):
        self.enter(self.codes[0])
        for page in (self.client.get(url("checkout")), self.review(), self.finish()):
            self.assertIn("no-store", page["Cache-Control"])
            self.assertEqual(page["Referrer-Policy"], "same-origin")

    def test_posts_need_the_csrf_token(self):
        self.enter(self.codes[0])
        nonce = self.get_nonce()
        self.client.handler.enforce_csrf_checks = True
        self.assertEqual(self.finish(nonce).status_code, 403)
        self.assertEqual(self.enter(self.codes[1]).status_code, 403)
        self.assertEqual(self.client.post(url("enrol_again")).status_code, 403)
        self.assert_untouched()

    def test_no_inline_script_or_style(self):
        self.enter(self.codes[0])
        for page in (self.client.get(url("checkout")), self.review()):
            card = page.content.decode().split('id="main"')[1].split("</section>")[0]
            self.assertNotIn("<script", card)
            self.assertNotIn("style=", card)
            self.assertNotIn("onclick", card)


class OffTests(CheckoutTestCase):
    def test_everything_is_gone_while_the_plugin_is_off(self):
        redemption = factories.redeem(self.learner, self.item, self.codes[0])
        addresses = [url(name) for name in ("checkout", "review", "finish", "enrol_again")]
        with override_settings(TOKEN_PAYMENTS_ENABLED=False):
            for address in [*addresses, f"/token-payments/receipt/{redemption.uuid}/"]:
                self.assertEqual(self.client.get(address).status_code, 404, address)
                self.assertEqual(self.client.post(address).status_code, 404, address)


class FreeWayTests(CheckoutTestCase):
    def test_a_course_with_a_free_mode_offers_it_beside_the_payment(self):
        self.assertContains(self.client.get(url("checkout")), "Follow the course free of charge")

    def test_a_course_without_one_does_not(self):
        factories.make_course("course-v1:Acme+Paid+2026", modes={"verified": 149})
        factories.make_item("course-v1:Acme+Paid+2026")
        page = self.client.get(url("checkout", "course-v1:Acme+Paid+2026"))
        self.assertNotContains(page, "free of charge")
