"""Several payment methods beside each other: each with its own form, in the registry's order."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django import forms
from django.conf import settings
from django.test import override_settings
from django.urls import resolve

from tests.portal.base import CheckoutTestCase, url
from token_payments.catalogue.queries import Offer
from token_payments.checkout.models import Redemption
from token_payments.checkout.payment_methods.base import PaymentMethod, PaymentQuote, Reference
from token_payments.models import CatalogueItemPaymentMethod

TOKEN_CODE = "token_payments.checkout.payment_methods.token_code.TokenCodePayment"


class BadgeForm(forms.Form):
    badge = forms.CharField(label="Badge number", help_text="It is on your badge.")
    secret = forms.CharField(widget=forms.HiddenInput, required=False)


class BadgePayment(PaymentMethod):
    """Pays with what is printed on a badge."""

    slug = "badge"
    label = "Badge"

    def make_form(self, offer, *, learner, now, data=None, prefix=None) -> BadgeForm:
        return BadgeForm(data, prefix=prefix)

    def get_reference(self, cleaned_data: Mapping[str, Any]) -> Reference:
        return {"badge": cleaned_data["badge"]}

    def quote(
        self, offer: Offer, *, learner: Any, actor: Any, reference: Reference, now: datetime
    ) -> PaymentQuote:
        return PaymentQuote(description=f"Badge {reference['badge']}")

    def reserve(self, redemption: Redemption, quote: PaymentQuote, *, with_locks: bool) -> None:
        redemption.save(force_insert=True)

    def give_back(self, redemption, *, actor, reason, now) -> None:
        """Invoices are cancelled by hand."""

    def matches(self, redemption: Redemption, reference: Reference) -> bool:
        return True


def register(*paths: str) -> override_settings:
    return override_settings(
        TOKEN_PAYMENTS={**settings.TOKEN_PAYMENTS, "PAYMENT_METHODS": list(paths)}
    )


BADGE = f"{__name__}.BadgePayment"


@register(BADGE, TOKEN_CODE)
class MethodTests(CheckoutTestCase):
    def setUp(self):
        super().setUp()
        CatalogueItemPaymentMethod.objects.create(item=self.item, method="badge")

    def enter_badge(self, badge):
        return self.client.post(url("checkout"), {"method": "badge", "badge-badge": badge})

    def test_methods_are_in_the_registrys_order_and_the_first_is_chosen(self):
        response = self.client.get(url("checkout"))
        slugs = [option.method.slug for option in response.context["form"].options]
        self.assertEqual(slugs, ["badge", "token_code"])
        self.assertContains(response, 'value="badge" checked')

    def test_only_those_that_the_item_takes_are_offered(self):
        self.item.payment_methods.filter(method="badge").delete()
        self.assertNotContains(self.client.get(url("checkout")), "Badge")

    def test_form_of_another_method_is_not_checked(self):
        self.assertRedirects(self.enter(self.codes[0]), url("review"))

    def test_help_and_error_are_tied_to_the_field(self):
        response = self.enter_badge("")
        self.assertContains(response, 'aria-describedby="id_badge-badge-help id_badge-badge-error"')
        self.assertContains(response, 'name="badge-secret"')

    def test_review_describes_the_method_in_its_own_words(self):
        self.assertRedirects(self.enter_badge("4711"), url("review"))
        self.assertContains(self.review(), "Badge 4711")

    def test_receipt_names_the_method(self):
        self.enter_badge("4711")
        self.assertContains(self.finish(follow=True), "Badge")

    def test_method_taken_away_meanwhile_leads_back_to_the_others(self):
        self.enter_badge("4711")
        self.item.payment_methods.filter(method="badge").delete()
        response = self.review()
        self.assert_refused(response, 409, "Choose another way to pay")
        self.assertContains(response, url("checkout"), status_code=409)

    def test_receipt_stays_when_the_method_is_no_longer_registered(self):
        self.enter_badge("4711")
        address = self.finish()["Location"]
        with register(TOKEN_CODE):
            self.assertContains(self.client.get(address), "badge")


class TransactionTests(CheckoutTestCase):
    def test_what_pays_runs_outside_the_requests_transaction(self):
        for name in ("finish", "enrol_again"):
            view = resolve(url(name)).func
            self.assertIn("default", view._non_atomic_requests)
