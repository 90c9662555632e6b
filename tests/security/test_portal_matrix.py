"""Every address of the plugin's pages for every kind of visitor.

The table says for whom a page is. All others get 404 (visitors who aren't signed in are asked to
sign in), by GET and by POST with the form filled in well, and nothing changes in any table. An
address that isn't in the table fails the test: whoever adds a page says for whom it is.
"""

from __future__ import annotations

import ddt
from django.test import override_settings

from tests import factories
from tests.security.addresses import list_addresses
from tests.security.portal_base import KINDS, PortalPages
from tests.snapshots import take_snapshot
from token_payments import urls as our_urls
from token_payments.portal import urls as portal_urls

SIGNED_IN = frozenset(KINDS)
LOOKERS = frozenset({"buyer", "helper", "manager"})
OWNERS = frozenset({"buyer", "manager"})
MANAGERS = frozenset({"manager"})
MEMBERS = frozenset({"manager", "member"})
HOLDERS = frozenset({"holder"})
COURSE_STAFF = frozenset({"operator", "staff", "course_admin"})
OPEN = ("checkout",)  # also for those who aren't signed in

#: For whom each page is: of the very order, account or assignment in its address.
AUDIENCES: dict[str, frozenset[str]] = {
    "checkout": SIGNED_IN,
    "review": SIGNED_IN,
    "finish": SIGNED_IN,
    "enrol_again": SIGNED_IN,
    "receipt": frozenset({"holder", "operator", "staff", "course_admin"}),
    "course_payments": COURSE_STAFF,
    "course_payments_csv": COURSE_STAFF,
    "course_orders": COURSE_STAFF,
    "tokens": SIGNED_IN,
    "statement": MEMBERS,
    "statement_csv": MEMBERS,
    "alert": MANAGERS,
    "transfer_tokens": MANAGERS,
    "account_orders": MANAGERS,
    "members": MANAGERS,
    "change_member": MANAGERS,
    "enrol_members": MANAGERS,
    "pay_for_members": MANAGERS,
    "orders": SIGNED_IN,
    "request_order": SIGNED_IN,
    "order": LOOKERS,
    "order_progress": LOOKERS,
    "order_tokens": LOOKERS,
    "order_people": OWNERS,
    "order_cancel": OWNERS,
    "order_log": LOOKERS,
    "order_learners": LOOKERS,
    "order_invoice": OWNERS,
    "order_tokens_search": LOOKERS,
    "order_tokens_reveal": LOOKERS,
    "order_tokens_copy": LOOKERS,
    "order_tokens_csv": LOOKERS,
    "order_tokens_mail": LOOKERS,
    "order_sheet": LOOKERS,
    "learners_csv": LOOKERS,
    "give_tokens": LOOKERS,
    "confirm_tokens": LOOKERS,
    "learners_example": LOOKERS,
    "remind_learners": LOOKERS,
    "assignment_batch": LOOKERS,
    "batch_progress": LOOKERS,
    "send_batch_again": LOOKERS,
    "send_mail_again": LOOKERS,
    "reassign_token": LOOKERS,
    "take_token_back": LOOKERS,
    "order_invoice_pdf": OWNERS,
    "own_codes": SIGNED_IN,
    "use_code": HOLDERS,
    "show_code": HOLDERS,
}


ADDRESSES = list_addresses(portal_urls.urlpatterns)
#: Addresses for programs, which have tables of their own.
FOR_PROGRAMS = {
    "token_payments.rest_api.front.urls": "tests.security.test_front_matrix",
    "token_payments.rest_api.v1.urls": "tests.rest_api.matrix",
}


@ddt.ddt
class PortalMatrixTest(PortalPages):
    def ask(self, url: str) -> list[int]:
        answers = [self.client.get(url), self.client.post(url, self.form())]
        for answer in answers:
            if answer.streaming:
                b"".join(answer.streaming_content)
        return [answer.status_code for answer in answers]

    def test_every_address_is_in_the_table(self) -> None:
        self.assertEqual(sorted(one.name for one in ADDRESSES), sorted(AUDIENCES))
        included = {one.urlconf_name.__name__ for one in our_urls.urlpatterns}
        self.assertEqual(included, {portal_urls.__name__, *FOR_PROGRAMS})

    @ddt.data(*KINDS)
    def test_a_page_is_404_for_whom_it_isnt_and_nothing_changes(self, kind: str) -> None:
        self.client.force_login(self.people[kind])
        before = take_snapshot()
        for address in ADDRESSES:
            if kind not in AUDIENCES[address.name]:
                found = self.ask(self.url(address))
                self.assertIn(found, ([404, 404], [405, 404], [404, 405]), (address.name, kind))
        self.assertEqual(take_snapshot(), before)

    @ddt.data(*KINDS)
    def test_a_page_answers_those_whom_it_is_for(self, kind: str) -> None:
        self.client.force_login(self.people[kind])
        for address in ADDRESSES:
            if kind in AUDIENCES[address.name]:
                found = self.client.get(self.url(address))
                self.assertIn(found.status_code, (200, 302, 405, 409), (address.name, kind))
                self.assertIn("no-store", found["Cache-Control"], address.name)
                self.assertEqual(found["Referrer-Policy"], "same-origin", address.name)
                self.assertEqual(found["X-Frame-Options"], "DENY", address.name)

    def test_who_isnt_signed_in_is_asked_to_and_nothing_changes(self) -> None:
        before = take_snapshot()
        for address in ADDRESSES:
            for ask in (self.client.get, self.client.post):
                answer = ask(self.url(address))
                expected = (200, 302) if address.name in OPEN else (302, 405)
                self.assertIn(answer.status_code, expected, address.name)
                if answer.status_code == 302:
                    self.assertRegex(answer["Location"], "/login\\?next=|/checkout/", address.name)
        self.assertEqual(take_snapshot(), before)

    @ddt.data(999_999, 2**63, 10**40, 0)
    def test_what_isnt_there_is_404_for_everybody(self, number: int) -> None:
        self.client.force_login(self.people["buyer"])
        before = take_snapshot()
        for address in ADDRESSES:
            for name in address.parts:
                if name not in ("item_key", "redemption_uuid"):
                    found = self.ask(self.url(address, **{name: number}))
                    self.assertIn(found, ([404, 404], [405, 404], [404, 405]), (address.name, name))
        self.assertEqual(take_snapshot(), before)

    def test_what_belongs_to_another_order_is_404_in_this_one(self) -> None:
        """The buyer of two orders names a thing of the one in an address of the other."""
        other = factories.make_processed_order(self.item, buyer=self.people["buyer"])
        self.client.force_login(self.people["buyer"])
        before = take_snapshot()
        for address in ADDRESSES:
            names = set(address.parts)
            if "order_id" in names and names & {"batch_id", "assignment_id", "delegate_id"}:
                found = self.ask(self.url(address, order_id=other.pk))
                self.assertIn(found, ([404, 404], [405, 404], [404, 405]), address.name)
        self.assertEqual(take_snapshot(), before)

    @override_settings(TOKEN_PAYMENTS_ENABLED=False)
    def test_switched_off_every_page_is_404(self) -> None:
        for kind in (None, "buyer", "operator"):
            if kind:
                self.client.force_login(self.people[kind])
            for address in ADDRESSES:
                self.assertEqual(self.client.get(self.url(address)).status_code, 404, address.name)

    def test_posts_need_the_csrf_token(self) -> None:
        self.client.force_login(self.people["manager"])
        self.client.handler.enforce_csrf_checks = True
        before = take_snapshot()
        for address in ADDRESSES:
            answer = self.client.post(self.url(address), self.form())
            self.assertIn(answer.status_code, (403, 405), address.name)
        self.assertEqual(take_snapshot(), before)
