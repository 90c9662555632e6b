"""Every page of an account for every kind of visitor, and names that are for managers only."""

from __future__ import annotations

import ddt
from django.test import override_settings
from django.urls import reverse

from tests import factories
from tests.portal.tokens.base import TokensCase
from token_payments.models import AccountMember, AccountRole, Redemption
from token_payments.presenters.once import make_key

FOR_MEMBERS = ("statement", "statement_csv")
FOR_MANAGERS = ("members", "change_member", "enrol_members", "pay_for_members")
PAGES = (*FOR_MEMBERS, *FOR_MANAGERS, "account_orders")
FAR = 2**63


@ddt.ddt
class MatrixTest(TokensCase):
    def facts(self):
        return [
            list(AccountMember.objects.order_by("pk").values_list("user", "role")),
            Redemption.objects.count(),
            self.available(),
        ]

    def ask(self, name: str, **other) -> tuple[int, int]:
        url = self.url(name, **other)
        form = {"who": "stranger", "role": "manager", "person": self.ann.pk, "remove": "1"}
        form |= {
            "price": f"{self.gold.pk}:{self.item.pk}",
            "tokens": 7,
            "idempotency_key": make_key(),
        }
        return self.client.get(url).status_code, self.client.post(url, form).status_code

    @ddt.data("stranger", "staff", "other")
    def test_strangers_staff_and_other_accounts_managers_get_404(self, who: str) -> None:
        users = {
            "stranger": self.stranger,
            "staff": factories.make_user("root", is_staff=True, is_superuser=True),
            "other": factories.make_user("other"),
        }
        factories.make_account("Other", managers=[users["other"]])
        before = self.facts()
        self.client.force_login(users[who])
        for name in PAGES:
            wanted = (404, 405) if name in FOR_MEMBERS else (404, 404)
            self.assertEqual(self.ask(name), wanted, name)
        self.assertEqual(self.facts(), before)

    def test_members_read_and_change_nothing(self) -> None:
        before = self.facts()
        self.client.force_login(self.ann)
        for name in FOR_MEMBERS:
            self.assertEqual(self.ask(name), (200, 405), name)
        for name in FOR_MANAGERS:
            self.assertEqual(self.ask(name), (404, 404), name)
        self.assertEqual(self.ask("account_orders"), (404, 404))
        self.assertEqual(self.facts(), before)

    def test_visitors_sign_in_first_whatever_there_is(self) -> None:
        for name in PAGES:
            for account_id in (self.account.pk, 999_999, FAR):
                url = self.url(name, account_id=account_id)
                answer = self.client.get(url)
                self.assertRedirects(answer, f"/login?next={url}", fetch_redirect_response=False)
        self.assertEqual(self.client.get(reverse("token_payments:tokens")).status_code, 302)

    def test_accounts_and_types_that_arent_there_are_404(self) -> None:
        self.client.force_login(self.manager)
        for account_id in (999_999, FAR, 10**40):
            for name in PAGES:
                wanted = (404, 405) if name in FOR_MEMBERS else (404, 404)
                self.assertEqual(self.ask(name, account_id=account_id), wanted)
        for type_id in (999_999, FAR, factories.make_type("Silver").pk):
            self.assertEqual(self.ask("statement", type_id=type_id), (404, 405))

    @override_settings(TOKEN_PAYMENTS_ENABLED=False)
    def test_switched_off_there_is_no_page_and_no_link(self) -> None:
        self.client.force_login(self.manager)
        for name in PAGES:
            self.assertEqual(set(self.ask(name)), {404}, name)
        self.assertEqual(self.client.get(reverse("token_payments:tokens")).status_code, 404)
        self.assertNotContains(self.client.get("/dashboard"), "Manage My Tokens")

    def test_posts_need_the_csrf_token(self) -> None:
        self.client.force_login(self.manager)
        self.client.handler.enforce_csrf_checks = True
        for name in FOR_MANAGERS:
            self.assertEqual(self.client.post(self.url(name)).status_code, 403, name)

    def test_a_manager_who_became_a_member_is_one_at_once(self) -> None:
        self.assertEqual(self.get(self.manager, "members").status_code, 200)
        AccountMember.objects.filter(user=self.manager).update(role=AccountRole.MEMBER)
        self.assertEqual(self.get(self.manager, "members").status_code, 404)


class NamesTest(TokensCase):
    def setUp(self) -> None:
        super().setUp()
        self.own = factories.pay(self.ann, self.item, self.wallet)
        self.others = factories.pay(self.bob, self.item, self.wallet)

    def read(self, user, data=None) -> tuple[str, str]:
        """The page, and the file."""
        page = self.get(user, "statement", data)
        file = self.get(user, "statement_csv", data)
        return page.content.decode(), b"".join(file.streaming_content).decode()

    def test_members_see_every_entry_but_no_other_persons_name(self) -> None:
        page, file = self.read(self.ann)
        self.assertEqual(page.count("<tr role="), 4)
        self.assertEqual(file.count("\n"), 4)
        for text in (page, file):
            for secret in ("Bob", "bob", "Deal with", "SO-77", str(self.others.uuid)):
                self.assertNotIn(secret, text)
        self.assertIn("another member", page)
        self.assertIn("Ann Archer", page)
        self.assertIn(str(self.own.uuid), page)
        self.assertIn("ann@example.com", file)

    def test_managers_see_all_of_it(self) -> None:
        page, file = self.read(self.manager)
        for text in ("Ann Archer", "Bob Baker", "Deal with Bob", "SO-77", str(self.others.uuid)):
            self.assertIn(text, page)
        for text in ("ann@example.com", "bob@example.com", "Deal with Bob"):
            self.assertIn(text, file)

    def test_members_cant_search_for_names(self) -> None:
        page, file = self.read(self.ann, {"text": "bob"})
        self.assertEqual(page.count("<tr role="), 4)
        self.assertEqual(file.count("\n"), 4)
        self.assertNotIn('name="text"', page)

    def test_who_was_paid_for_sees_who_paid(self) -> None:
        factories.issue_tokens(self.account, self.gold, 7)
        cyd = factories.make_user("cyd")
        AccountMember.objects.create(account=self.account, user=cyd)
        factories.pay(cyd, self.item, self.wallet, actor=self.manager)
        self.assertIn("Mary Manager", self.read(cyd)[0])
        self.assertNotIn("Mary Manager", self.read(self.ann)[0])
