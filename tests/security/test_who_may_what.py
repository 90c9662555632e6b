"""Every address of the plugin's admin, for every kind of visitor; a new one has to be listed.

``READ`` and ``ACT`` say which permission opens an address of the admin; whatever is in neither is
open to nobody.
"""

from __future__ import annotations

import ddt
from django.test import override_settings
from django.urls import reverse

from tests import factories
from tests.admin.base import admin_url, make_staff
from tests.security.base import EveryAddress

CHANGING = (
    "finish_processing",
    "resume",
    "cancel",
    "cancel_tokens",
    "reveal",
    "download",
    "email_tokens",
    "decline",
    "grant_cancellation",
    "decline_cancellation",
)
#: model -> pages that whoever may see the model may open
READ = {
    "tokenorder": {"changelist", "change", "history", "tokens", "tokens_search", "search", "log"}
    | {"progress", "cancellations", "helpers", "invoice", "invoice_pdf"},
    "catalogueitem": {"changelist", "change", "history", "simple_history"},
    "redemption": {"changelist", "change", "history"},
    "enrolmentsettings": {"changelist", "change", "history"},
    "tokensettings": {"changelist", "change", "history"},
    "tokentype": {"changelist", "change", "history", "simple_history"},
    "account": {"changelist", "change", "history", "simple_history", "members", "alerts"},
    "tokenissue": {"changelist", "change", "history"},
    "ledgerentry": {"changelist", "change", "history", "statement", "statement_csv"},
    "webhookendpoint": {"changelist", "change", "history", "simple_history"},
    "webhookdelivery": {"changelist", "change", "history"},
    "bulkjob": {"changelist", "change", "history", "progress", "result"},
}
#: model -> page -> permissions of which one opens it
ACT = {
    "tokenorder": {
        **{page: {"change"} for page in CHANGING},
        "add": {"add"},
        "people": {"add", "change"},
        "accounts": {"add", "change"},
        "groups": {"add", "change"},
    },
    "catalogueitem": {
        "add": {"add"},
        "courses": {"add", "change"},
        "load": {"change"},
        "delete": {"delete"},
    },
    "enrolmentsettings": {"add": {"add"}},
    "redemption": {page: {"change"} for page in ("place_again", "reverse", "enrol_again")},
    "tokensettings": {"add": {"add"}},
    "tokentype": {
        **{page: {"change"} for page in ("archive", "restore")},
        "add": {"add"},
        "delete": {"delete"},
    },
    "account": {
        **{page: {"change"} for page in ("freeze", "unfreeze", "people", "load_members")},
        "add": {"add"},
        "load": {"add", "change"},
        "delete": {"delete"},
    },
    "tokenissue": {
        **{page: {"change"} for page in ("extend", "adjust", "transfer")},
        **{page: {"change"} for page in ("use_last", "use_in_turn")},
        "accounts": {"add", "change"},
        "add": {"add"},
        "load": {"add"},
    },
    "ledgerentry": {},
    "webhookendpoint": {
        **{page: {"change"} for page in ("rotate_secret", "send_test")},
        "add": {"add"},
        "delete": {"delete"},
    },
    "webhookdelivery": {},
    # to begin one takes a second permission: to pay for others, or to change orders
    "bulkjob": {page: {"change"} for page in ("cancel", "retry")},
}
#: Whoever may do this may see the model as well.
SEES = {
    "tokenorder": {"view", "change"},
    "catalogueitem": {"view", "change"},
    "redemption": {"view", "change"},
    "enrolmentsettings": {"view", "change", "add"},
    "tokensettings": {"view", "change", "add"},
    "tokentype": {"view", "change"},
    "account": {"view", "change"},
    "tokenissue": {"view", "change"},
    "ledgerentry": {"view", "change"},
    "webhookendpoint": {"view", "change"},
    "webhookdelivery": {"view", "change"},
    "bulkjob": {"view", "change"},
}
#: Models whose rows may be deleted by whoever has the permission, as long as nothing rests on them.
DELETABLE = ("catalogueitem", "tokentype", "account", "webhookendpoint")
KINDS = ("view", "add", "change", "delete")
REFUSED = (302, 403)


def may_open(model: str, page: str, permission: str) -> bool:
    if page in READ[model]:
        return permission in SEES[model]
    return permission in ACT[model].get(page, set())


@ddt.ddt
class AdminMatrixTest(EveryAddress):
    @ddt.data(*((model, kind) for model in SEES for kind in KINDS))
    @ddt.unpack
    def test_one_permission_opens_no_more_than_it_says(self, model, kind) -> None:
        self.client.force_login(make_staff(f"{kind}_{model}", f"{kind}_{model}"))
        before = self.facts()
        for at, page, url in self.list_urls():
            if at != model:
                continue
            if not may_open(model, page, kind):
                self.assertEqual(self.ask(url), [403, 403, 403], f"{kind}_{model}: {url}")
            elif kind == "view":  # whatever is sent there: nothing may come of it
                self.assertNotIn(403, self.ask(url)[:1], url)
        self.assertEqual(self.facts(), before)

    @ddt.data(*SEES, "retirement")
    def test_nor_do_all_permissions_for_other_models_together(self, model: str) -> None:
        """A permission only adds to what others open: so neither does any one of them alone."""
        others = [f"{kind}_{other}" for other in SEES if other != model for kind in KINDS]
        self.client.force_login(make_staff(f"no_{model}", *others))
        before = self.facts()
        for at, page, url in self.list_urls():
            if at == model:
                self.assertEqual(self.ask(url), [403, 403, 403], f"{page}: {url}")
        self.assertEqual(self.facts(), before)

    def test_a_viewer_takes_no_item_back_to_an_earlier_version(
        self,
    ) -> None:
        self.client.force_login(make_staff("viewer", "view_catalogueitem"))
        version = self.spare.history.get().pk
        url = admin_url("catalogueitem", "simple_history", self.spare.pk, version)
        form = {"enrolment_method": "free", "price": "1", "currency": "GBP", "seats": "99"}

        self.assertEqual(self.client.get(url).status_code, 200)
        self.assertEqual(self.client.post(url, form).status_code, 403)

        self.spare.refresh_from_db()
        self.assertEqual((self.spare.enrolment_method, self.spare.seats), ("paid", None))

    @ddt.data("anonymous", "learner", "buyer", "staff", "inactive")
    def test_nobody_else_gets_in(self, who) -> None:
        users = {
            "learner": self.learner,
            "buyer": self.buyer,
            "staff": make_staff("bare"),
            "inactive": factories.make_user(
                "gone", is_staff=True, is_superuser=True, is_active=False
            ),
        }
        self.client.logout()
        if who in users:
            self.client.force_login(users[who])
        before = self.facts()
        for _, _, url in self.list_urls():
            for status in self.ask(url):
                self.assertIn(status, REFUSED, url)
        self.assertEqual(self.facts(), before)

    def test_a_superuser_deletes_nothing_that_others_rest_on(self) -> None:
        self.client.force_login(factories.make_user("root", is_staff=True, is_superuser=True))
        before = self.facts()
        for model, page, url in self.list_urls():
            if page == "delete" and model not in DELETABLE:
                self.assertEqual(self.ask(url), [403, 403, 403], url)
            if page == "changelist":
                form = {"action": "delete_selected", "_selected_action": "1", "post": "yes"}
                self.client.post(url, form)
        for user in (self.buyer, self.learner, self.course_admin):
            url = reverse("admin:auth_user_delete", args=[user.pk])
            self.client.post(url, {"post": "yes"})
        self.assertEqual(self.facts(), before)
        self.learner.refresh_from_db()
        self.buyer.refresh_from_db()

    @override_settings(TOKEN_PAYMENTS_ENABLED=False)
    def test_switched_off_a_superuser_changes_no_order_and_no_wallet(self) -> None:
        self.client.force_login(factories.make_user("root", is_staff=True, is_superuser=True))
        before = self.facts()
        for model, _, url in self.list_urls():
            if model in ("tokenorder", "tokentype", "account", "tokenissue", "ledgerentry"):
                self.ask(url)
        self.assertEqual(self.facts(), before)
