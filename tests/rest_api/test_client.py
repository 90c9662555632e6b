"""A typed Python client, generated from the committed description, through one whole story."""

from __future__ import annotations

import importlib
import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests import factories
from tests.rest_api.base import permit
from tests.rest_api.jwts import make_jwt, trust_jwts

pytestmark = pytest.mark.django_db(transaction=True)

PAGE = Path(__file__).resolve().parents[2] / "docs" / "openapi.yaml"
NAME = "token_payments_client"
COURSE = "course-v1:Api+CLIENT+2026"
RIGHTS = (
    *("add_tokentype", "add_account", "view_account", "change_account", "add_tokenissue"),
    *("add_catalogueitem", "view_catalogueitem", "add_redemption", "change_redemption"),
)


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    folder = tmp_path_factory.mktemp("client")
    (folder / "settings.yaml").write_text("post_hooks: []\n")
    tool = Path(sys.executable).with_name("openapi-python-client")
    command = [str(tool), "generate", "--path", str(PAGE), "--meta", "none", "--fail-on-warning"]
    paths = ["--output-path", str(folder / NAME), "--config", str(folder / "settings.yaml")]
    done = subprocess.run([*command, *paths], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    sys.path.insert(0, str(folder))
    yield
    sys.path.remove(str(folder))


class Api:
    """Calls of the generated client by their names, each change with a key of its own."""

    def __init__(self, url: str, token: str) -> None:
        client = importlib.import_module(NAME).Client
        headers = {"Authorization": f"JWT {token}"}
        self.client = client(base_url=url, headers=headers)
        self.models = importlib.import_module(f"{NAME}.models")

    def call(self, resource: str, name: str, *path: Any, body: Any = None, **more: Any) -> Any:
        module = importlib.import_module(f"{NAME}.api.{resource}.{name}")
        if body is not None:
            model, fields = body
            more["body"] = getattr(self.models, model).from_dict(fields)
            more["idempotency_key"] = uuid.uuid4().hex
        return module.sync(*path, client=self.client, **more)


def test_from_a_type_to_a_reversal(generated, live_server) -> None:
    factories.allow_paid()
    factories.make_course(COURSE)
    factories.make_user("learner")
    permit(factories.make_user("program"), *RIGHTS)
    with trust_jwts():
        api = Api(live_server.url, make_jwt("program"))
        kind = ("TokenTypeInputRequest", {"name": "Gold"})
        gold = api.call("token_types", "token_types_create", body=kind)
        customer = ("AccountInputRequest", {"name": "Acme"})
        acme = api.call("accounts", "accounts_create", body=customer)
        member = ("MemberInputRequest", {"user": "learner", "role": "member"})
        api.call("accounts", "accounts_members_create", acme.id, body=member)
        wanted = {"account": acme.id, "token_type": gold.id, "quantity": 10}
        issue = api.call("issues", "issues_create", body=("IssueInputRequest", wanted))
        assert (issue.remaining, issue.source.value, issue.expires_at) == (10, "manual", None)
        item = {
            "item_key": COURSE,
            "enrolment_method": "paid",
            "payment_methods": ["wallet"],
            "token_prices": [{"token_type": gold.id, "quantity": 3}],
        }
        api.call("catalogue_items", "catalogue_items_create", body=("NewItemInputRequest", item))
        quote = api.call("quotes", "quotes_retrieve", item_key=COURSE, learner="learner")
        assert [each.tokens for each in quote.wallets] == [3]
        wish = {"item_key": COURSE, "wallet": issue.wallet, "learner": "learner", "tokens": 3}
        paid = api.call("redemptions", "redemptions_create", body=("RedemptionInputRequest", wish))
        assert (paid.state.value, paid.learner) == ("completed", "learner")
        again = api.call("redemptions", "redemptions_create", body=("RedemptionInputRequest", wish))
        assert (again.code, again.status) == ("already_enrolled", 409)
        undo = ("ReverseInputRequest", {"reason": "Ill"})
        undone = api.call("redemptions", "redemptions_reverse_create", paid.id, body=undo)
        assert undone.state.value == "reversed"
        lines = api.call("wallets", "wallets_statement_list", issue.wallet).results
        assert [line.balance for line in lines] == [10, 7, 10]
