"""Nobody's address is told for their user name, by no door; names not by the hundred."""

from __future__ import annotations

from tests import factories
from tests.portal.tokens.base import TokensCase
from tests.rest_api.base import ApiClient
from token_payments.models import AccountMember

ADDRESS = "stranger@example.com"


class HarvestingTest(TokensCase):
    def setUp(self) -> None:
        super().setUp()
        self.api = ApiClient(self.manager)
        self.members = f"/accounts/{self.account.pk}/members/"

    def add(self, who: str) -> None:
        self.post(self.manager, "members", {"who": who, "role": "member"})

    def assert_known(self, is_known: bool) -> None:
        """On the manager's pages, and to the manager's programs."""
        for name in ("members", "enrol_members"):
            page = self.get(self.manager, name).content.decode()
            self.assertIn("Stranger", page)
            self.assertEqual(ADDRESS in page, is_known, name)
        one = self.api.get(f"{self.members}{self.stranger.pk}/").json()
        listed = self.api.get(self.members).json()["results"]
        for shown in (one, *(each for each in listed if each["username"] == "stranger")):
            self.assertEqual(shown["email"], ADDRESS if is_known else "")

    def test_on_the_page(self) -> None:
        self.add("stranger")
        self.assert_known(False)

    def test_who_names_the_address_knows_it(self) -> None:
        self.add(ADDRESS)
        self.assert_known(True)

    def test_by_the_api(self) -> None:
        answer = self.api.post(self.members, {"user": "stranger", "role": "member"})
        self.assertEqual((answer.status_code, answer.json()["email"]), (201, ""))
        self.assert_known(False)
        answer = self.api.post(self.members, {"user": ADDRESS, "role": "member"})
        self.assertEqual(answer.json()["email"], ADDRESS)
        self.assert_known(True)

    def test_a_new_role_tells_nothing(self) -> None:
        self.add("stranger")
        path = f"{self.members}{self.stranger.pk}/"
        self.assertEqual(self.api.patch(path, {"role": "manager"}).json()["email"], "")
        self.post(self.manager, "change_member", {"person": self.stranger.pk, "role": "member"})
        self.assert_known(False)

    def test_staff_see_every_address(self) -> None:
        self.add("stranger")
        staff = ApiClient(factories.make_user("root", is_superuser=True))
        self.assertEqual(staff.get(f"{self.members}{self.stranger.pk}/").json()["email"], ADDRESS)

    def test_names_are_not_told_by_the_hundred(self) -> None:
        for number in range(61):
            factories.make_user(f"somebody{number}")
        statuses = [
            self.api.post(self.members, {"user": f"somebody{number}", "role": "member"}).status_code
            for number in range(61)
        ]
        self.assertEqual(statuses, [201] * 60 + [429])
        self.assertEqual(AccountMember.objects.filter(address_known=False).count(), 60)
