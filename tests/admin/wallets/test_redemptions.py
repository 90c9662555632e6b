from tests import factories
from tests.admin.wallets.base import WalletCase, in_days
from token_payments.catalogue import operations as catalogue_operations

COURSE = "course-v1:Acme+FIRE+2026"


class WalletRedemptionTests(WalletCase):
    """What was paid from a wallet, as the list and the page of redemptions show it."""

    def setUp(self) -> None:
        super().setUp()
        item = factories.make_shop(COURSE)
        catalogue_operations.save_item(item, methods=["wallet"], token_prices={self.gold: 7})
        self.issues = [self.issue(5, expires_at=in_days(5)), self.issue(10)]
        self.wallet = factories.find_wallet(self.acme, self.gold)
        self.redemption = factories.pay(self.member, item, self.wallet)
        self.url = self.page("redemption", "change", self.redemption.pk)

    def test_the_list_shows_tokens_and_account_and_finds_them(self) -> None:
        self.sign_in("view_redemption")
        url = self.page("redemption", "changelist")

        for query in ({}, {"q": "acme"}, {"method": "wallet"}):
            self.assertIn("7 Gold · Acme", self.client.get(url, query).content.decode())
        self.assertNotIn("7 Gold", self.client.get(url, {"method": "token_code"}).content.decode())

    def test_the_page_shows_what_was_drawn_from_which_issue(self) -> None:
        self.sign_in("view_redemption", "view_ledgerentry")

        text = self.read(self.url)

        self.assertIn(self.statement(self.wallet), text)
        for issue, drawn in zip(self.issues, (5, 2), strict=True):
            self.assertIn(f"Spent: −{drawn}, issue #{issue.pk} (expires ", text)

    def test_entries_are_for_those_who_may_see_the_ledger(self) -> None:
        self.sign_in("view_redemption")

        text = self.read(self.url)

        self.assertIn("7 Gold", text)
        self.assertNotIn("Spent: ", text)
        self.assertNotIn(self.statement(self.wallet), text)
