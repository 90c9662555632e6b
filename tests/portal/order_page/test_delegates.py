"""Owners name helpers of an order and end that again; helpers see it, and no money."""

from __future__ import annotations

import ddt
from django.core.cache import cache
from django.test import TestCase
from django.urls import reverse

from tests import factories
from tests.enqueued import catch_enqueued
from tests.portal.told import WARNING, assert_told
from token_payments.assignments import operations as assignment_operations
from token_payments.models import AccountRole, OrderDelegate
from token_payments.portal.order_page.delegates import DONE
from token_payments.wallets import operations as wallet_operations

COURSE = "course-v1:Acme+Fire+2026"
UNKNOWN = "Nobody could be added"
FEW = 10  # queries: two of the session, two of the transaction, two of the host's page


@ddt.ddt
class HelpersTest(TestCase):
    @classmethod
    def setUpTestData(cls):
        item = factories.make_shop(COURSE)
        cls.buyer = factories.make_user("buyer", name="Bea Buyer")
        cls.manager = factories.make_user("manager", name="Mary Manager")
        cls.member = factories.make_user("member")
        cls.helper = factories.make_user("helper", name="Hal Helper")
        cls.stranger = factories.make_user("stranger")
        account = factories.make_account(members=[cls.member], managers=[cls.manager])
        cls.order = factories.make_processed_order(item, buyer=cls.buyer, account=account)
        cls.other = factories.make_processed_order(item, buyer=cls.stranger)

    def setUp(self):
        cache.clear()

    def url(self, name="order_people", order=None):
        return reverse(f"token_payments:{name}", args=[(order or self.order).pk])

    def get(self, user, name="order_people", **data):
        self.client.force_login(user)
        return self.client.get(self.url(name), data)

    def post(self, user, order=None, **data):
        self.client.force_login(user)
        return self.client.post(self.url(order=order), data)

    def add(self, who, user=None):
        return self.post(user or self.buyer, who=who)

    def name(self, user=None):
        now = self.order.created_at
        return assignment_operations.add_delegate(
            self.order, user or self.helper, actor=self.buyer, now=now
        )

    def helpers(self):
        return list(self.order.delegates.values_list("user__username", flat=True))

    def test_nobody_yet_says_what_to_do(self):
        page = self.get(self.buyer)
        self.assertContains(page, "Nobody helps with this order yet.")
        for text in ("Bea Buyer", "(you)", "Mary Manager", "Manager of Acme", "can't cancel"):
            self.assertContains(page, text)

    @ddt.data("helper", "helper@example.com", " HELPER@Example.com ")
    def test_somebody_is_named_by_either_name_and_told(self, who):
        with catch_enqueued("mail_delegate") as queue:
            answer = self.add(who)
        assert_told(self, answer, self.url(), DONE["added"])
        delegate = OrderDelegate.objects.get()
        self.assertEqual((delegate.user, delegate.added_by), (self.helper, self.buyer))
        queue.assert_called_once_with(delegate.pk)
        entry = self.order.log.first()
        self.assertEqual((entry.action, entry.detail), ("delegate_added", "helper"))
        self.assertContains(self.get(self.buyer), "Hal Helper")

    def test_whom_a_name_belongs_to_is_not_told_with_the_address(self):
        self.add("helper")
        self.assertNotContains(self.get(self.buyer), "helper@example.com")

    @ddt.data("nobody", "nobody@example.com", "sleeper", "sleeper@example.com", "twin@example.com")
    def test_one_text_for_whoever_cant_be_found(self, who):
        factories.make_user("sleeper", is_active=False)
        for name in ("twin1", "twin2"):
            factories.make_user(name, email="twin@example.com")
        answer = self.add(who)
        self.assertContains(answer, UNKNOWN)
        self.assertContains(answer, 'aria-invalid="true"')
        self.assertContains(answer, "<title>Error: Helpers")
        self.assertEqual(self.helpers(), [])

    @ddt.data(
        ("buyer", "the order&#x27;s buyer"),
        ("manager@example.com", "manages the order&#x27;s account"),
        ("helper", "is a helper already"),
    )
    @ddt.unpack
    def test_who_sees_it_anyway_is_told_in_words(self, who, text):
        self.name()
        with catch_enqueued("mail_delegate") as queue:
            self.assertContains(self.add(who), text)
        queue.assert_not_called()
        self.assertEqual(self.helpers(), ["helper"])

    def test_names_that_arent_found_are_counted(self):
        for number in range(20):
            self.assertContains(self.add(f"nobody{number}"), UNKNOWN)
        self.assertContains(self.add("helper"), "Too many addresses and names")
        self.assertEqual(self.helpers(), [])

    @ddt.data("", "a\0b", "x" * 300)
    def test_nonsense_is_refused_in_words(self, who):
        self.assertContains(self.add(who), "tp-summary")

    def test_a_helper_is_removed_and_finds_nothing_any_more(self):
        self.name()
        self.assertEqual(self.get(self.helper, "order").status_code, 200)
        answer = self.post(self.buyer, remove=self.helper.pk)
        assert_told(self, answer, self.url(), DONE["removed"])
        self.assertEqual(self.get(self.helper, "order").status_code, 404)
        again = self.post(self.buyer, remove=self.helper.pk)
        page = assert_told(self, again, self.url(), DONE["gone"], how=WARNING)
        self.assertContains(page, "a helper any more")

    @ddt.data("", "x", "-1", "1\0", "9" * 30, str(2**64))
    def test_removing_nonsense_changes_nothing(self, person):
        self.name()
        answer = self.post(self.buyer, remove=person)
        assert_told(self, answer, self.url(), DONE["gone"], how=WARNING)
        self.assertEqual(self.helpers(), ["helper"])

    def test_nobody_of_another_order_is_removed(self):
        elsewhere = assignment_operations.add_delegate(
            self.other, self.helper, actor=self.stranger, now=self.other.created_at
        )
        self.post(self.buyer, remove=self.helper.pk)
        self.assertTrue(OrderDelegate.objects.filter(pk=elsewhere.pk).exists())

    @ddt.data("helper", "member", "stranger", "operator")
    def test_who_is_no_owner_finds_nothing_and_changes_nothing(self, username):
        self.name()
        user = getattr(self, username, None) or factories.make_user(
            username, is_staff=True, is_superuser=True
        )
        self.assertEqual(self.get(user).status_code, 404)
        self.assertEqual(self.add("stranger", user).status_code, 404)
        self.assertEqual(self.post(user, remove=self.helper.pk).status_code, 404)
        self.assertEqual(self.helpers(), ["helper"])

    def test_managers_of_the_account_name_helpers_too(self):
        self.add("helper", self.manager)
        self.assertEqual(self.helpers(), ["helper"])
        wallet_operations.set_member(
            self.order.account, self.stranger, AccountRole.MANAGER, actor=None
        )
        wallet_operations.set_member(
            self.order.account, self.manager, AccountRole.MEMBER, actor=None
        )
        self.assertEqual(self.get(self.manager).status_code, 404)

    def test_the_number_of_queries_does_not_grow(self):
        self.get(self.buyer)
        with self.assertNumQueries(FEW):
            self.client.get(self.url())
        for number in range(60):
            self.name(factories.make_user(f"colleague{number}"))
        with self.assertNumQueries(FEW + 1):  # a page that isn't empty is read
            page = self.client.get(self.url())
        self.assertContains(page, "60 helpers")
        self.assertContains(page, "Next")
        self.assertContains(self.get(self.buyer, page=2), "colleague9")

    def test_another_method_is_refused(self):
        self.client.force_login(self.buyer)
        self.assertEqual(self.client.put(self.url()).status_code, 405)
