"""Wallets that can't pay, or can't any more: said at the form, nothing taken, nothing told."""

from __future__ import annotations

import ddt
from django.test import RequestFactory, override_settings
from freezegun import freeze_time

from tests import factories
from tests.portal.base import COURSE, NEVER_MADE, SETTINGS, url
from tests.portal.wallet_base import WalletTestCase
from tests.presenters.catalogue import list_pages
from token_payments.errors import ChoiceRefused, CodeNotRedeemable, TooManyAttempts
from token_payments.models import Redemption, TokenIssue
from token_payments.presenters.refusals import Audience, describe_refusal
from token_payments.throttling import guard_attempt
from token_payments.wallets import operations as wallet_operations

EVIL = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>"
RAW = ("<script>alert(", "<img src=x", "\"'><")


@ddt.ddt
class MeanwhileTests(WalletTestCase):
    """What changes between Next and Finish: back at the form with the reason, nothing taken."""

    def spend(self):
        TokenIssue.objects.filter(pk=self.wallet.issues.first().pk).update(remaining=0)
        TokenIssue.objects.filter(pk=self.wallet.issues.last().pk).update(remaining=4)

    def freeze_it(self):
        self.freeze(self.account)

    def leave(self):
        wallet_operations.remove_member(self.account, self.learner, actor=self.learner)

    def raise_price(self):
        self.set_price(9)

    def drop_price(self):
        self.set_price(None)

    CHANGES = (
        ("spend", "the course costs 7, and 4 can be spent"),
        ("freeze_it", "This account is frozen"),
        ("leave", "You aren&#x27;t a member of the account that was to pay"),
        ("raise_price", "The price has changed from 7 tokens to 9"),
        ("drop_price", "can&#x27;t be paid for with tokens of this type any more"),
    )

    @ddt.data(*CHANGES)
    @ddt.unpack
    def test_told_at_review(self, change, text):
        self.choose()
        getattr(self, change)()
        response = self.review()
        self.assertContains(response, text)
        self.assertContains(response, 'href="#id_wallet-wallet"')
        self.assertFalse(Redemption.objects.exists())

    @ddt.data(*CHANGES)
    @ddt.unpack
    def test_told_at_finish(self, change, text):
        self.choose()
        nonce = self.get_nonce()
        getattr(self, change)()
        before = self.remaining()
        response = self.finish(nonce)
        self.assertContains(response, text)
        self.assertContains(response, "Nothing was taken.")
        self.assertEqual(self.remaining(), before)
        self.assertFalse(Redemption.objects.exists())
        self.assertNotIn(COURSE, self.client.session["token_payments_checkout"])

    def test_changed_price_is_shown_and_can_be_agreed_to(self):
        self.choose()
        nonce = self.get_nonce()
        self.set_price(9)
        response = self.finish(nonce)
        self.assertContains(response, "9 Gold")
        self.assertContains(response, " checked", count=1)
        self.choose()
        self.finish()
        self.assertEqual(self.remaining(), [6, 0])

    def test_cheaper_is_another_price_too(self):
        self.choose()
        nonce = self.get_nonce()
        self.set_price(6)
        self.assertContains(self.finish(nonce), "from 7 tokens to 6")
        self.assert_untouched()

    def test_another_account_can_pay_instead(self):
        rich = factories.make_account("Rich", members=[self.learner])
        self.issue(rich, 7)
        self.choose()
        nonce = self.get_nonce()
        self.freeze(self.account)
        response = self.finish(nonce)
        self.assertContains(response, "Rich")
        self.choose(factories.find_wallet(rich, self.gold))
        self.assertContains(self.finish(follow=True), "You are enrolled")

    def test_expired_meanwhile(self):
        self.choose()
        nonce = self.get_nonce()
        TokenIssue.objects.update(expires_at=TokenIssue.objects.first().issued_at.replace(hour=13))
        with freeze_time("2026-11-22 13:00:00"):
            self.assertContains(self.finish(nonce), "0 can be spent")


@ddt.ddt
class ForgedTests(WalletTestCase):
    def setUp(self):
        super().setUp()
        self.other = factories.make_account("Secret Ltd", members=[factories.make_user("other")])
        self.issue(self.other, 50)

    @ddt.data("-1", "0", "999999", "x", "1e3", "９", "1 OR 1=1", "None", "\x00", "9" * 400)
    def test_wallet_that_was_not_offered_is_refused(self, key):
        response = self.choose(key)
        self.assertContains(response, "These tokens can&#x27;t pay for this course.")
        self.assertNotIn("token_payments_checkout", self.client.session)

    def test_wallet_of_others_is_refused_like_one_that_never_was(self):
        theirs = self.choose(factories.find_wallet(self.other, self.gold))
        never = self.choose("999999")
        self.assertNotContains(theirs, "Secret Ltd")
        errors = [response.context["errors"] for response in (theirs, never)]
        self.assertEqual(errors[0], errors[1])

    def test_own_wallet_of_another_type_is_refused(self):
        self.issue(self.account, 100, self.silver)
        wallet = factories.find_wallet(self.account, self.silver)
        self.assertContains(self.choose(wallet), "These tokens can&#x27;t pay")

    def test_number_of_tokens_that_the_form_claims_is_ignored(self):
        self.choose(**{"wallet-tokens": "1", "tokens": "1"})
        self.finish()
        self.assertEqual(Redemption.objects.get().tokens, 7)

    def test_choice_of_a_session_that_outlived_its_user_is_not_handed_on(self):
        self.choose()
        nonce = self.get_nonce()
        kept = self.client.session["token_payments_checkout"]
        self.client.force_login(factories.find_user("other"))
        session = self.client.session
        session["token_payments_checkout"] = kept
        session.save()
        self.assertRedirects(self.finish(nonce), url("review"), fetch_redirect_response=False)
        self.assertRedirects(self.review(), url("checkout"), fetch_redirect_response=False)
        self.assert_untouched()

    def test_wallet_of_others_in_the_session_pays_nothing(self):
        self.choose()
        nonce = self.get_nonce()
        session = self.client.session
        theirs = str(factories.find_wallet(self.other, self.gold).pk)
        session["token_payments_checkout"][COURSE]["reference"]["wallet"] = theirs
        session.save()
        response = self.finish(nonce)
        self.assertContains(response, "You aren&#x27;t a member of the account")
        self.assertNotContains(response, "Secret Ltd")
        self.assert_untouched()

    def test_manager_of_another_account_is_a_stranger_to_this_one(self):
        manager = factories.make_user("manager")
        factories.make_account("Third", managers=[manager])
        self.client.force_login(manager)
        self.assertContains(self.choose(), "You have no tokens that can pay")


class MarkupTests(WalletTestCase):
    def test_hostile_names_are_text_on_every_page(self):
        self.account.name = EVIL
        self.account.save()
        self.gold.name = EVIL
        self.gold.save()
        poor = factories.make_account(f"Poor {EVIL}", members=[self.learner])
        self.issue(poor, 1)
        pages = [self.open(), self.choose(""), self.choose("forged")]
        self.choose()
        pages += [self.review(), self.finish(follow=True)]
        for page in pages:
            self.assertContains(page, "&lt;script&gt;alert(1)")
            for raw in RAW:
                self.assertNotIn(raw, page.content.decode())

    def test_no_inline_script_or_style(self):
        pages = [self.open(), self.choose("forged")]
        self.choose()
        pages += [self.review(), self.finish(follow=True)]
        for page in pages:
            card = page.content.decode().split('id="main"')[1].split("</section>")[0]
            for forbidden in ("<script", "style=", "onclick"):
                self.assertNotIn(forbidden, card)


@override_settings(TOKEN_PAYMENTS=SETTINGS)
class ThrottleTests(WalletTestCase):
    methods = ("token_code", "wallet")

    def enter(self, code):
        return self.client.post(url("checkout"), {"method": "token_code", "token_code-code": code})

    def test_refused_wallets_are_never_counted(self):
        for _ in range(12):
            self.assertContains(self.choose("999999"), "can&#x27;t pay")
        request = RequestFactory().get("/")
        request.user = self.learner
        for _ in range(12):
            with self.assertRaises(ChoiceRefused), guard_attempt(request, "wallet"):
                raise ChoiceRefused
        self.assertRedirects(self.choose(), url("review"))
        self.assertContains(self.enter(NEVER_MADE), "This code can&#x27;t be used")

    def test_codes_are_counted_still(self):
        for _ in range(3):
            self.enter(NEVER_MADE)
        self.assertEqual(self.enter(NEVER_MADE).status_code, 429)

    def test_who_has_to_wait_with_codes_can_pay_with_tokens(self):
        for _ in range(3):
            self.enter(NEVER_MADE)
        refused = self.enter(NEVER_MADE)
        self.assertContains(refused, f'href="{url("checkout")}"', status_code=429)
        self.assertRedirects(self.choose(), url("review"))
        self.assertContains(self.finish(follow=True), "You are enrolled")

    def test_whoever_waits_is_refused_before_any_look_up(self):
        request = RequestFactory().get("/")
        request.user = self.learner
        for _ in range(3):
            with self.assertRaises(CodeNotRedeemable), guard_attempt(request, "token_code"):
                raise CodeNotRedeemable("unknown")
        with self.assertRaises(TooManyAttempts), guard_attempt(request, "token_code"):
            self.fail("tried")


class MessageTests(WalletTestCase):
    def test_no_refusal_speaks_of_a_code_alone(self):
        for reason, words in list_pages():
            text = f"{words.sentence} {words.advice}"
            if reason != "too_many_attempts" and "your code" in text.lower():
                self.assertIn("code or tokens", text, reason)

    def test_reason_of_another_plugins_method_gets_the_neutral_text(self):
        self.assertEqual(
            describe_refusal(ChoiceRefused(), audience=Audience.LEARNER).text,
            "This can't pay for the course. Nothing was taken. Choose something else.",
        )

    def test_course_that_is_full_keeps_the_tokens(self):
        factories.change_course(COURSE, enrollment_end=None, max_student_enrollments_allowed=0)
        response = self.choose()
        self.assertContains(response, "You keep your code or tokens.", status_code=409)
        self.assert_untouched()
