"""The help page "Token Based Payments", retold step by step through the pages that people use.

Each test is one heading of the help page; what stands in quotes is the page's own sentence.
"""

from __future__ import annotations

import csv
import io
import re
from decimal import Decimal
from typing import Any

from django.contrib.auth.models import Permission
from django.core import mail
from django.test import Client, TestCase, override_settings
from django.urls import reverse

from common.djangoapps.student.models import CourseEnrollment
from tests import factories
from token_payments.catalogue import operations as catalogue_operations
from token_payments.catalogue import queries as catalogue_queries
from token_payments.models import CatalogueItem, EnrolmentSettings, TokenOrder
from token_payments.orders import queries as order_queries

COURSE = "course-v1:Academy+SAFE+2026"
GROUP = "Evening class"


def sign_in(username: str) -> Client:
    client = Client()
    assert client.login(username=username, password=factories.PASSWORD)
    return client


def page(name: str, order: TokenOrder) -> str:
    return reverse(f"admin:token_payments_tokenorder_{name}", args=[order.pk])


def text_of(response: Any) -> str:
    """What a person reads on a page."""
    html = response.content.decode()
    html = re.sub(r"<(script|style).*?</\1>", " ", html, flags=re.DOTALL)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


class HelpPageTest(TestCase):
    @classmethod
    def setUpTestData(cls) -> None:
        factories.make_course(COURSE, modes={"professional": 149}, display_name="Site Safety")
        factories.make_group(COURSE, GROUP)
        factories.make_user("operator", is_staff=True, is_superuser=True)
        admin = factories.make_user("course_admin", is_staff=True)
        codenames = ("add_tokenorder", "change_tokenorder", "view_tokenorder")
        admin.user_permissions.set(Permission.objects.filter(codename__in=codenames))
        factories.make_user("bridget", name="Bridget Okafor")
        factories.make_user("amara", name="Amara Singh")
        factories.make_user("tomasz", name="Tomasz Nowak")

    # --- the pages that people use --------------------------------------------------------------
    def save_settings(self) -> None:
        answer = sign_in("operator").post(
            reverse("admin:token_payments_enrolmentsettings_add"),
            {"enabled": "on", "override_allowed": "on", "default_method": "free"},
        )
        assert answer.status_code == 302, text_of(answer)

    def save_item(self) -> CatalogueItem:
        answer = sign_in("operator").post(
            reverse("admin:token_payments_catalogueitem_add"),
            {
                "item_key": COURSE,
                "price": "120",
                "currency": "GBP",
                "enrolment_method": "paid",
                "payment_methods": ["token_code"],
                "course_mode": "",
                "seats": "",
            },
        )
        assert answer.status_code == 302, text_of(answer)
        return CatalogueItem.objects.get()

    def add_order(self, **fields: Any) -> TokenOrder:
        data = {
            "buyer": "bridget",
            "item": CatalogueItem.objects.get().pk,
            "quantity": "25",
            "invoice_number": "INV-2026-17",
            "purchase_order": "PO 4711",
            "billing_name": "Okafor Builders",
            "billing_street": "1 High Street",
            "billing_postcode": "LS1 4AP",
            "billing_city": "Leeds",
            "billing_region": "",
            "billing_country": "GB",
            "group_name": GROUP,
            "redeem_by": "",
        } | fields
        client = sign_in("course_admin")
        answer = client.post(reverse("admin:token_payments_tokenorder_add"), data)
        assert answer.status_code == 302, text_of(answer)
        return TokenOrder.objects.latest("id")

    def finish_processing(self, order: TokenOrder) -> None:
        with self.captureOnCommitCallbacks(execute=True):
            sign_in("course_admin").post(page("finish_processing", order))
        order.refresh_from_db()

    def processed_order(self, **fields: Any) -> TokenOrder:
        self.save_settings()
        self.save_item()
        order = self.add_order(**fields)
        self.finish_processing(order)
        return order

    def redeem(self, username: str, code: str) -> Any:
        """Enrol, choose Token Code, enter it, Next, Review, Finish; the page that follows."""
        learner = sign_in(username)
        checkout = reverse("token_payments:checkout", args=[COURSE])
        answer = learner.post(checkout, {"method": "token_code", "token_code-code": code})
        if answer.status_code != 302:
            return answer
        review = learner.get(answer["Location"])
        nonce = re.search(r'name="idempotency_key" value="([^"]+)"', review.content.decode())
        assert nonce, text_of(review)
        finish = reverse("token_payments:finish", args=[COURSE])
        with self.captureOnCommitCallbacks(execute=True):
            answer = learner.post(finish, {"idempotency_key": nonce[1]})
        return learner.get(answer["Location"]) if answer.status_code == 302 else answer

    # --- the headings ---------------------------------------------------------------------------
    def test_initial_settings_self_enrolment_settings(self) -> None:
        """ "Select Allow Enrolment Method override per Catalogue Item. Select
        Self-enrolment (Paid).
        Select Save Settings." """
        form = text_of(
            sign_in("operator").get(reverse("admin:token_payments_enrolmentsettings_add"))
        )
        assert "Allow Enrolment Method override per Catalogue Item" in form
        assert "Self-enrolment (Paid)" in form
        self.save_settings()
        settings = EnrolmentSettings.current()
        assert settings.enabled
        assert settings.override_allowed
        assert settings.changed_by.username == "operator"

    @override_settings(TOKEN_PAYMENTS_ENABLED=False)
    def test_items_are_missing_while_the_plugin_is_not_active(self) -> None:
        """ "If the items described in this document are missing from your site, the plugin may not
        be active." """
        checkout = reverse("token_payments:checkout", args=[COURSE])
        assert sign_in("amara").get(checkout).status_code == 404

    def test_initial_settings_catalogue_items(self) -> None:
        """ "Set a Price... Set the Enrolment Method dropdown to Self-enrolment (Paid). Set the
        Payment Method to TokenBased. Payment Method can have multiple methods at once." """
        self.save_settings()
        item = self.save_item()
        offer = catalogue_queries.get_offer(COURSE)
        assert offer.price == catalogue_queries.Price(Decimal(120), "GBP")
        assert offer.methods == {"token_code"}
        catalogue_operations.save_item(item, methods=["token_code", "invoice"])
        assert catalogue_queries.get_offer(COURSE).methods == {"token_code", "invoice"}

    def test_adding_token_orders(self) -> None:
        """ "Select a user as the Buyer... the Course... the Number Of Tokens... a unique Invoice
        Number (optional)... a unique Customer Purchase Order code (optional)... the Buyer's billing
        address... the group which users who enrol via the Token will be placed into." """
        self.save_settings()
        self.save_item()
        order = self.add_order()
        assert (order.buyer.username, order.item.item_key, order.quantity) == (
            "bridget",
            COURSE,
            25,
        )
        assert (order.invoice_number, order.purchase_order) == ("INV-2026-17", "PO 4711")
        assert (order.billing_city, order.billing_country, order.group_name) == (
            "Leeds",
            "GB",
            GROUP,
        )
        numbers = {"invoice_number": "", "purchase_order": ""}
        assert self.add_order(**numbers).invoice_number is None
        assert self.add_order(**numbers).purchase_order is None

    def test_requesting_token_orders(self) -> None:
        """ "Users who do not have the role privileges to Add Token Orders must Request Token
        Orders. ... browse to Manage My Tokens from the Home Page. Select Request Token Order.
        Select the Course these tokens will apply to. Select the number of tokens to be purchased
        for distribution. Input your billing address. Select Save Enrolment Token Order." """
        self.save_settings()
        item = self.save_item()
        buyer = sign_in("bridget")
        home = buyer.get("/dashboard").content.decode()
        link = re.search(r'<a href="([^"]+)"[^>]*>\s*Manage My Tokens', home)
        assert link, "the home page has no such link"
        tokens = buyer.get(link[1]).content.decode()
        request = re.search(r'<a [^>]*href="([^"]+)"[^>]*>\s*Request Token Order', tokens)
        assert request
        form = buyer.get(request[1])
        assert "Number Of Tokens" in text_of(form)
        entered = {
            "idempotency_key": form.context["form"]["idempotency_key"].value(),
            "kind": "codes",
            "item": item.pk,
            "quantity": "20",
            "billing_name": "Okafor Builders",
            "billing_street": "1 High Street",
            "billing_city": "Leeds",
            "billing_country": "GB",
        }
        review = buyer.post(request[1], entered)
        assert "Save Enrolment Token Order" in text_of(review)
        assert "2,400.00" in text_of(review)
        assert not TokenOrder.objects.exists()
        hidden = dict(review.context["hidden"])
        answer = buyer.post(request[1], hidden)
        order = TokenOrder.objects.get()
        assert (order.status, order.quantity, order.item) == ("requested", 20, item)
        assert order.buyer.username == "bridget"
        assert "Requested" in text_of(buyer.get(answer["Location"]))

    def test_a_buyer_sees_the_status_of_the_tokens(self) -> None:
        """ "As a Buyer, you are able to access your Token Orders through the homepage by selecting
        Manage My Tokens. Select the Tokens section to see the status of the Tokens." """
        order = self.processed_order(quantity="3")
        self.redeem("amara", factories.list_codes(order)[0])
        self.cancel_tokens(order, quantity="1", refund_amount="120")
        buyer = sign_in("bridget")
        assert order.number in text_of(buyer.get(reverse("token_payments:tokens")))
        url = reverse("token_payments:order_tokens", kwargs={"order_id": order.pk})
        html = buyer.get(url).content.decode()
        rows = [" ".join(re.sub(r"<[^>]+>", " ", row).split()) for row in html.split("<tr")[2:]]
        redeemed, available, cancelled = rows
        assert "Amara Singh" in redeemed
        assert "Enrolled (professional)" in redeemed
        assert re.search(r"20\d\d", redeemed)
        assert "Cancelled" in cancelled
        assert not any(word in available for word in ("Amara", "nrolled", "ancelled"))

    def test_processing_orders(self) -> None:
        """ "When a Token Order is created it is placed into a Requested Status... During this time,
        no Tokens have been generated." """
        self.save_settings()
        self.save_item()
        order = self.add_order()
        assert order.status == "requested"
        assert not order.codes.exists()
        assert "Requested" in text_of(sign_in("course_admin").get(page("change", order)))

    def test_approving_token_orders(self) -> None:
        """ "Here you will find a list of outstanding, approved and cancelled Token Orders. Select
        the Change dropdown menu... Select Finish Processing. A popup window will appear. Select
        Yes to approve the Token Order and generate the Tokens. ...the Status of the Token Order
        will change to Processed and the Tokens will be generated." """
        self.save_settings()
        self.save_item()
        order = self.add_order()
        admin = sign_in("course_admin")
        assert order.number in text_of(
            admin.get(reverse("admin:token_payments_tokenorder_changelist"))
        )
        assert "Finish Processing" in text_of(admin.get(page("change", order)))
        assert "Yes" in admin.get(page("finish_processing", order)).content.decode()
        self.finish_processing(order)
        assert order.status == "processed"
        assert order.codes.count() == 25
        assert "Processed" in text_of(admin.get(page("change", order)))

    def test_cancelling_token_orders(self) -> None:
        """ "Token Orders can be cancelled at any time. Cancelling a Token Order will invalidate
        unredeemed Tokens and change the Status of the Token Order to Cancelled." """
        order = self.processed_order()
        codes = factories.list_codes(order)
        self.redeem("amara", codes[0])
        admin = sign_in("course_admin")
        question = text_of(admin.get(page("cancel", order)))
        assert re.search(r"\b24\b", question)
        assert re.search(r"\b1\b", question)
        admin.post(page("cancel", order), {"refund_amount": "0", "reason": ""})
        order.refresh_from_db()
        assert order.status == "cancelled"
        assert order_queries.count_codes(order) == order_queries.OrderCounts(
            redeemed=1, cancelled=24
        )
        assert "can&#x27;t be used" in self.redeem("tomasz", codes[1]).content.decode()
        assert CourseEnrollment.is_enrolled(factories.find_user("amara"), factories.key(COURSE))

    def test_token_status(self) -> None:
        """ "A – Tokens redeemed by users will display that user's name, their enrolment status and
        the enrolment date. B – Tokens which have been cancelled will display as cancelled under
        the enrolment status. C – Tokens which have not been redeemed will display with no data
        against them." """
        order = self.processed_order(quantity="3")
        codes = factories.list_codes(order)
        self.redeem("amara", codes[0])
        self.cancel_tokens(order, quantity="1", refund_amount="120")
        rows = self.read_rows(sign_in("course_admin").get(page("tokens", order)))
        redeemed, available, cancelled = rows
        assert "Amara Singh" in redeemed
        assert "Enrolled" in redeemed
        assert re.search(r"20\d\d", redeemed)
        assert "Cancelled" in cancelled
        assert "Amara" not in available
        assert "nrolled" not in available
        assert "ancelled" not in available

    def test_emailing_tokens(self) -> None:
        """ "Select Email list of available Tokens. This will send an email to the Buyer containing
        a list of all the Tokens." """
        order = self.processed_order(quantity="3")
        codes = factories.list_codes(order)
        self.redeem("amara", codes[0])
        with self.captureOnCommitCallbacks(execute=True):
            sign_in("course_admin").post(page("email_tokens", order))
        message = mail.outbox[-1]
        assert message.to == ["bridget@example.com"]
        for code in codes[1:]:
            assert code in message.body
        assert codes[0] not in message.body
        assert order.log.filter(action="codes_mailed", actor__username="course_admin").exists()

    def test_cancelling_tokens(self) -> None:
        """ "Input the Number Of Tokens to be cancelled. Input the Refund Amount... the system will
        cancel unused Tokens of the specified amount. Redeemed Tokens cannot be cancelled." """
        order = self.processed_order(quantity="5")
        self.redeem("amara", factories.list_codes(order)[4])
        answer = self.cancel_tokens(order, quantity="5", refund_amount="600")
        assert "4" in text_of(answer)
        assert order_queries.count_codes(order).cancelled == 0
        self.cancel_tokens(order, quantity="3", refund_amount="360")
        assert order_queries.count_codes(order) == order_queries.OrderCounts(
            available=1, redeemed=1, cancelled=3
        )

    def test_token_cancellation_and_refunds(self) -> None:
        """ "Here you can view all past cancellations and refunds for this Token Order." """
        order = self.processed_order(quantity="5")
        self.cancel_tokens(order, quantity="2", refund_amount="240", reason="two left the firm")
        self.cancel_tokens(order, quantity="1", refund_amount="100.50")
        listed = text_of(sign_in("course_admin").get(page("cancellations", order)))
        for fact in ("240", "100.50", "two left the firm", "340.50"):
            assert fact in listed

    def test_redeeming_tokens(self) -> None:
        """ "Select Enrol. Select Token Code as the payment method. Enter the Token within the Token
        Code input. Select Next. Review the enrolment. Select Finish." """
        order = self.processed_order()
        about = sign_in("amara").get(f"/courses/{COURSE}/about").content.decode()
        checkout = reverse("token_payments:checkout", args=[COURSE])
        assert checkout in about
        form = text_of(sign_in("amara").get(checkout))
        assert "Token Code" in form
        assert "Next" in form
        receipt = self.redeem("amara", factories.list_codes(order)[0].lower())
        assert receipt.status_code == 200
        assert "Site Safety" in text_of(receipt)
        amara = factories.find_user("amara")
        mode, is_active = CourseEnrollment.enrollment_mode_for_user(amara, factories.key(COURSE))
        assert (mode, is_active) == ("professional", True)
        assert factories.group_of(amara, COURSE) == GROUP

    def test_tokens_are_single_use_and_distributed_freely(self) -> None:
        """ "They are then able to distribute these Tokens however they see fit": whoever has one
        enrols with it, once."""
        order = self.processed_order()
        code = factories.list_codes(order)[0]
        self.redeem("amara", code)
        assert "can&#x27;t be used" in self.redeem("tomasz", code).content.decode()
        assert not CourseEnrollment.is_enrolled(
            factories.find_user("tomasz"), factories.key(COURSE)
        )

    def test_a_list_to_distribute_can_be_downloaded(self) -> None:
        order = self.processed_order(quantity="3")
        answer = sign_in("course_admin").post(page("download", order))
        body = b"".join(answer.streaming_content).decode("utf-8-sig")
        rows = list(csv.reader(io.StringIO(body)))
        assert [row[1] for row in rows[1:]] == factories.list_codes(order)

    # --- more pages -----------------------------------------------------------------------------
    def cancel_tokens(self, order: TokenOrder, **fields: str) -> Any:
        admin = sign_in("course_admin")
        form = admin.get(page("cancel_tokens", order)).content.decode()
        key = re.search(r'name="idempotency_key" value="([^"]+)"', form)
        assert key
        return admin.post(
            page("cancel_tokens", order), {"reason": "", "idempotency_key": key[1], **fields}
        )

    def read_rows(self, response: Any) -> list[str]:
        table = re.search(r"<tbody.*?</tbody>", response.content.decode(), re.DOTALL)
        assert table
        rows = re.findall(r"<tr.*?</tr>", table[0], re.DOTALL)
        return [re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", row)) for row in rows]
