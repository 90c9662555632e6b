"""Learners who couldn't be placed in their group are placed again from the redemptions."""

from __future__ import annotations

from django.test import override_settings

from tests import factories
from tests.admin.base import COURSE, AdminCase, admin_url
from token_payments.models import Redemption

PLACE = "Place the learners in their groups"


class GroupPlacementTests(AdminCase):
    def setUp(self) -> None:
        order = factories.make_processed_order(self.item, buyer=self.buyer, group_name="Red")
        self.learner = factories.make_user("learner")
        with self.captureOnCommitCallbacks(execute=True):
            factories.redeem(self.learner, self.item, factories.list_codes(order)[0])
        self.redemption = Redemption.objects.get()
        self.assertEqual(self.redemption.group_state, "failed")
        self.url = admin_url("redemption", "changelist")

    def place(self) -> str:
        data = {"action": "place_in_group", "_selected_action": [self.redemption.pk]}
        return self.post(self.url, data).content.decode()

    def read_state(self) -> str:
        self.redemption.refresh_from_db()
        return self.redemption.group_state

    def test_places_the_learner_once_the_course_has_the_group(self) -> None:
        self.sign_in("view_redemption", "change_redemption")
        factories.make_group(COURSE, "Red")

        self.assertIn("1 learner was placed.", self.place())

        self.assertEqual(self.read_state(), "placed")
        self.assertEqual(factories.group_of(self.learner, COURSE), "Red")

    def test_says_who_could_not_be_placed(self) -> None:
        self.sign_in("view_redemption", "change_redemption")

        self.assertIn("1 learner could not be placed", self.place())

        self.assertEqual(self.read_state(), "failed")

    def test_takes_the_permission_to_change_redemptions(self) -> None:
        self.sign_in("view_redemption")
        factories.make_group(COURSE, "Red")

        self.assertNotIn(PLACE, self.read(self.url))
        self.place()

        self.assertEqual(self.read_state(), "failed")

    @override_settings(TOKEN_PAYMENTS_ENABLED=False)
    def test_is_not_offered_while_the_plugin_is_off(self) -> None:
        self.sign_in("view_redemption", "change_redemption")

        self.assertNotIn(PLACE, self.read(self.url))
