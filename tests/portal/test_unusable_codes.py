"""Codes that can't be redeemed: one text for strangers, the reason for the buyer and for staff."""

from __future__ import annotations

from datetime import timedelta

import ddt
from django.utils import timezone

from tests import factories
from tests.portal.base import NEVER_MADE, OTHER_COURSE, CheckoutTestCase, url
from token_payments.assignments import operations as assignment_operations
from token_payments.errors import CodeNotRedeemable
from token_payments.l10n.dates import end_of_day
from token_payments.models import Redemption, TokenOrder
from token_payments.orders import operations as order_operations
from token_payments.presenters.refusals import CATALOGUE

NEUTRAL = "This code can&#x27;t be used for this course."
DAY = timedelta(days=1)


@ddt.ddt
class CodeTests(CheckoutTestCase):
    def use(self, order):
        code = factories.list_codes(order)[0]
        factories.redeem(factories.make_user("first"), self.item, code)
        return code

    def cancel(self, order):
        code = factories.list_codes(order)[0]
        order_operations.cancel_order(order.pk, actor=self.buyer, now=timezone.now())
        return code

    def move(self, order):
        factories.make_course(OTHER_COURSE, display_name="Water Rescue")
        TokenOrder.objects.filter(pk=order.pk).update(item=factories.make_item(OTHER_COURSE))
        return factories.list_codes(order)[0]

    def let_pass(self, order):
        redeem_by = end_of_day(timezone.now().date() - 2 * DAY)
        TokenOrder.objects.filter(pk=order.pk).update(redeem_by=redeem_by)
        return factories.list_codes(order)[0]

    def stop(self, order):
        TokenOrder.objects.filter(pk=order.pk).update(status="processing")
        return factories.list_codes(order)[0]

    REASONS = (
        ("use", "has been used already"),
        ("cancel", "was cancelled"),
        ("move", "is for another course: Water Rescue"),
        ("let_pass", "(Europe/London)"),
        ("stop", "processed yet"),
    )

    def enter_as(self, user, spoil):
        code = getattr(self, spoil)(self.order)
        self.client.force_login(user)
        return self.enter(code)

    @ddt.data(*(name for name, _ in REASONS))
    def test_strangers_get_one_text(self, spoil):
        response = self.enter_as(self.learner, spoil)
        self.assertContains(response, NEUTRAL)
        for _, telling in self.REASONS:
            self.assertNotContains(response, telling)
        self.assertNotContains(response, self.order.number)

    def test_strangers_get_the_same_for_a_code_that_never_was(self):
        self.assertContains(self.enter(NEVER_MADE), NEUTRAL)

    @ddt.data(*REASONS)
    @ddt.unpack
    def test_buyer_gets_the_reason(self, spoil, telling):
        response = self.enter_as(self.buyer, spoil)
        self.assertContains(response, telling)
        self.assertContains(response, self.order.number)
        self.assertNotContains(response, NEUTRAL)

    def test_helpers_and_managers_get_the_reason(self):
        helper, manager = factories.make_user("helper"), factories.make_user("manager")
        assignment_operations.add_delegate(self.order, helper, actor=self.buyer, now=timezone.now())
        account = factories.make_account(managers=[manager])
        TokenOrder.objects.filter(pk=self.order.pk).update(account=account)
        for user in (helper, manager):
            self.assertContains(self.enter_as(user, "cancel"), "was cancelled")

    @ddt.data(*REASONS)
    @ddt.unpack
    def test_whom_a_code_was_given_to_gets_the_reason(self, spoil, telling):
        self.give("learner@example.com", is_open=spoil == "use")
        self.assertContains(self.enter_as(self.learner, spoil), telling)

    def test_so_does_who_was_given_one_that_others_may_use(self):
        self.give("learner@example.com", is_open=True)
        self.assertContains(self.enter_as(self.learner, "cancel"), "was cancelled")
        self.assertContains(self.enter_as(factories.make_user("other"), "cancel"), NEUTRAL)

    def test_an_address_that_nobody_confirmed_tells_nothing(self):
        self.give("learner@example.com")
        self.learner.is_active = False
        self.learner.save()
        self.assertContains(self.enter_as(self.learner, "cancel"), NEUTRAL)

    def test_somebody_elses_code_is_called_so_to_who_looks_after_the_order_alone(self):
        self.give("ann@example.com")
        code = factories.list_codes(self.order)[0]
        self.client.force_login(self.buyer)
        response = self.enter(code)
        self.assertContains(response, "a•••@example.com")
        self.assertContains(response, "was given to somebody else")
        self.assertNotContains(response, "ann@example.com")
        self.client.force_login(self.learner)
        response = self.enter(code)
        self.assertContains(response, NEUTRAL)
        self.assertNotContains(response, "example.com")

    def give(self, address, **arguments):
        assignment_operations.assign_codes(
            self.order.pk,
            [assignment_operations.Recipient(address)],
            actor=self.buyer,
            idempotency_key=address,
            now=timezone.now(),
            **arguments,
        )

    def test_staff_get_the_reason(self):
        response = self.enter_as(factories.make_user("staff", is_staff=True), "cancel")
        self.assertContains(response, "was cancelled")

    def test_told_at_the_field_with_the_text_kept(self):
        response = self.enter(NEVER_MADE)
        self.assertContains(response, f'value="{NEVER_MADE}"')
        self.assertContains(response, 'href="#id_token_code-code"')
        self.assertContains(response, 'aria-invalid="true"')
        self.assertNotContains(response, "Continue to the review")

    def test_code_used_by_another_between_review_and_finish(self):
        self.enter(self.codes[0])
        nonce = self.get_nonce()
        factories.redeem(factories.make_user("first"), self.item, self.codes[0])
        self.assertContains(self.finish(nonce), NEUTRAL)
        self.assertFalse(Redemption.objects.filter(learner=self.learner).exists())

    def test_reload_of_a_refused_review_goes_to_payment(self):
        self.enter(self.codes[0])
        self.cancel(self.order)
        self.assertContains(self.review(), NEUTRAL)
        self.assertRedirects(self.review(), url("checkout"))

    def test_every_reason_of_the_domain_has_a_text(self):
        self.assertEqual(
            set(CATALOGUE[CodeNotRedeemable].customer) - {"unknown"},
            {
                "used",
                "cancelled",
                "wrong_course",
                "past_redeem_by",
                "order_not_processed",
                "assigned",
                "unconfirmed",
            },
        )
