"""What learners see of the codes that were assigned to them, and who may not."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta

import ddt
import pytest
from django.test import TestCase

from tests import factories
from token_payments.assignments import operations as assignment_operations
from token_payments.assignments import queries as assignment_queries
from token_payments.assignments.own_codes import has_address
from token_payments.errors import CodeNotRedeemable
from token_payments.orders import queries as order_queries

COURSE = "course-v1:Acme+Fire+2026"
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
DAY = timedelta(days=1)


@ddt.ddt
class OwnCodesTest(TestCase):
    def setUp(self):
        self.item = factories.make_shop(COURSE)
        self.buyer = factories.make_user("buyer")
        self.ann = factories.make_user("ann")

    def assign(self, *, email="ann@example.com", is_open=False, **fields):
        order = factories.make_processed_order(self.item, buyer=self.buyer, **fields)
        batch = assignment_operations.assign_codes(
            order.pk,
            [assignment_operations.Recipient(email)],
            is_open=is_open,
            actor=self.buyer,
            idempotency_key=uuid.uuid4().hex,
            now=NOW,
        )
        return batch.assignments.select_related("code__order").get()

    def text_of(self, assignment):
        return dict(order_queries.iterate_codes(assignment.code.order))[assignment.code]

    def usable(self, user=None, *, now=NOW):
        return assignment_queries.list_own_codes(user or self.ann, now=now).usable

    def test_the_most_urgent_one_comes_first(self):
        never = self.assign()
        late = self.assign(redeem_by=NOW + 9 * DAY)
        soon = self.assign(redeem_by=NOW + 2 * DAY, is_open=True)
        assert self.usable() == [soon, late, never]

    def test_from_the_very_instant_on_it_is_over(self):
        assignment = self.assign(redeem_by=NOW + DAY)
        before, after = NOW + DAY - timedelta(microseconds=1), NOW + DAY
        assert self.usable(now=before) == [assignment]
        assert list(assignment_queries.list_codes_for(self.ann, now=before)) == [assignment]
        assert not assignment_queries.list_codes_for(self.ann, now=after)
        assert assignment_queries.find_own_code(self.ann, assignment.pk, now=before) == assignment
        assert self.usable(now=after) == []
        assert assignment_queries.list_own_codes(self.ann, now=after).past == [assignment]
        assert assignment_queries.find_own_code(self.ann, assignment.pk, now=after) is None

    def test_what_was_taken_back_is_nowhere(self):
        assignment = self.assign()
        assignment_operations.revoke(assignment.pk, actor=self.buyer, now=NOW)
        own = assignment_queries.list_own_codes(self.ann, now=NOW)
        assert (own.usable, own.past) == ([], [])

    @ddt.data("ANN@Example.COM", "ann@example.com")
    def test_capitals_do_not_matter(self, address):
        assignment = self.assign(email="Ann@EXAMPLE.com")
        self.ann.email = address
        assert self.usable() == [assignment]
        assert factories.redeem(self.ann, self.item, self.text_of(assignment))

    def test_a_changed_address_takes_them_along_or_leaves_them(self):
        assignment = self.assign()
        self.ann.email = "ann.new@example.com"
        self.ann.save()
        assert self.usable() == []
        heir = factories.make_user("heir", email="ann@example.com")
        assert self.usable(heir) == [assignment]

    @ddt.data("", "bob@example.com", "\u00e4nn@example.com", "ann@example.com ")
    def test_strangers_and_lookalikes_get_none(self, address):
        assignment = self.assign()
        self.ann.email = address
        assert self.usable() == []
        assert assignment_queries.find_own_code(self.ann, assignment.pk, now=NOW) is None

    def test_the_kelvin_sign_is_no_k(self):
        assignment = self.assign(email="kate@example.com")
        thief = factories.make_user("thief", email="\u212aate@example.com")
        assert thief.email.lower() == "kate@example.com"
        assert not has_address(thief, "kate@example.com")
        assert self.usable(thief) == []
        with pytest.raises(CodeNotRedeemable) as caught:
            factories.redeem(thief, self.item, self.text_of(assignment))
        assert caught.value.reason == "assigned"

    def test_an_address_that_is_not_confirmed_is_nobodys(self):
        assignment = self.assign()
        squatter = factories.make_user("squatter", email="ann@example.com", is_active=False)
        own = assignment_queries.list_own_codes(squatter, now=NOW)
        assert (own.usable, own.past) == ([], [])
        assert assignment_queries.find_own_code(squatter, assignment.pk, now=NOW) is None
        with pytest.raises(CodeNotRedeemable) as caught:
            factories.redeem(squatter, self.item, self.text_of(assignment))
        assert (caught.value.reason, caught.value.holder) == ("unconfirmed", "ann@example.com")
        squatter.is_active = True
        squatter.save()
        assert factories.redeem(squatter, self.item, self.text_of(assignment))

    def test_an_open_one_needs_no_confirmed_address(self):
        text = self.text_of(self.assign(is_open=True))
        young = factories.make_user("young", is_active=False)
        assert factories.redeem(young, self.item, text).state == "completed"

    def test_a_code_that_is_nobodys_needs_none_either(self):
        order = factories.make_processed_order(self.item, buyer=self.buyer)
        young = factories.make_user("young", is_active=False)
        assert factories.redeem(young, self.item, factories.list_codes(order)[0])

    def test_a_code_is_shown_and_logged_with_the_learner(self):
        assignment = self.assign()
        found = assignment_queries.find_own_code(self.ann, assignment.pk, now=NOW)
        text = assignment_operations.reveal_own_code(found, user=self.ann, now=NOW)
        assert text == self.text_of(assignment)
        entry = assignment.code.order.log.first()
        assert (entry.action, entry.actor, entry.quantity) == ("codes_revealed", self.ann, 1)

    def test_the_number_of_queries_does_not_grow(self):
        for _ in range(3):
            self.assign()
        with self.assertNumQueries(3):
            own = assignment_queries.list_own_codes(self.ann, now=NOW)
            assert {each.code.order.course.item_key for each in own.usable} == {COURSE}
            assert {each.batch.actor.profile.name for each in own.usable} == {"Buyer"}
