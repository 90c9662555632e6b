"""What would break clients of the last release's API is found, each kind of it; additions pass."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest

from scripts import last_release, write_openapi
from scripts.changelog import read_unreleased
from scripts.openapi_breaks import find_breaks
from token_payments.rest_api.v1.document import make_document

ROOT = "/token-payments/api/v1"
CREATE = f"POST {ROOT}/issues/ body"
SHOW = f"GET {ROOT}/accounts/{{id}}/ 200"


class Description:
    """A description that can be spoiled."""

    def __init__(self) -> None:
        self.all: Any = copy.deepcopy(make_document())
        self.schemas = self.all["components"]["schemas"]

    def operation(self, path: str, method: str = "get") -> Any:
        return self.all["paths"][f"{ROOT}{path}"][method]

    def fields(self, name: str) -> Any:
        return self.schemas[name]["properties"]

    def parameter(self, path: str, name: str) -> Any:
        [found] = [each for each in self.operation(path)["parameters"] if each["name"] == name]
        return found


#: What is done to the description, and a break that is found then.
BREAKS: dict[str, tuple[Callable[[Description], Any], str]] = {
    "a path": (
        lambda new: new.all["paths"].pop(f"{ROOT}/settings/"),
        f"GET {ROOT}/settings/ is gone",
    ),
    "an operation": (
        lambda new: new.all["paths"][f"{ROOT}/issues/"].pop("post"),
        f"POST {ROOT}/issues/ is gone",
    ),
    "a field of an answer": (
        lambda new: new.fields("Account").pop("name"),
        f"{SHOW}.name is gone",
    ),
    "a field of a list": (
        lambda new: new.fields("Account").pop("name"),
        f"GET {ROOT}/accounts/ 200.results[].name is gone",
    ),
    "a field that was always there": (
        lambda new: new.schemas["Account"]["required"].remove("name"),
        f"{SHOW}.name may be missing now",
    ),
    "a field that was never null": (
        lambda new: new.fields("Account")["name"].update(nullable=True),
        f"{SHOW}.name may be null now",
    ),
    "the type of what is answered": (
        lambda new: new.fields("Wallet").update(available={"type": "string"}),
        f"GET {ROOT}/wallets/{{id}}/ 200.available: another type",
    ),
    "the format of what is answered": (
        lambda new: new.fields("Issue")["issued_at"].update(format="date"),
        f"GET {ROOT}/issues/{{id}}/ 200.issued_at: another format",
    ),
    "a status": (
        lambda new: new.operation("/issues/", "post")["responses"].pop("201"),
        f"POST {ROOT}/issues/: never answers 201 any more",
    ),
    "the media type of an answer": (
        lambda new: new.operation("/settings/")["responses"]["200"].update(content={"a/b": {}}),
        f"GET {ROOT}/settings/: 200 is no application/json any more",
    ),
    "a parameter": (
        lambda new: new.operation("/events/")["parameters"].remove(
            new.parameter("/events/", "after")
        ),
        f"GET {ROOT}/events/: the parameter after is gone",
    ),
    "a parameter that wasn't needed": (
        lambda new: new.parameter("/events/", "after").update(required=True),
        f"GET {ROOT}/events/: the parameter after is needed now",
    ),
    "the values of a parameter": (
        lambda new: new.parameter("/orders/", "status")["schema"]["enum"].remove("processed"),
        f"GET {ROOT}/orders/ parameter status: processed is no value any more",
    ),
    "a field of a body": (
        lambda new: new.fields("IssueInputRequest").pop("reference"),
        f"{CREATE}.reference is gone",
    ),
    "a field of a body that wasn't needed": (
        lambda new: new.schemas["IssueInputRequest"]["required"].append("reference"),
        f"{CREATE}.reference is needed now",
    ),
    "a new field of a body that is needed": (
        lambda new: new.schemas["IssueInputRequest"].update(
            required=[*new.schemas["IssueInputRequest"]["required"], "colour"],
            properties={**new.fields("IssueInputRequest"), "colour": {"type": "string"}},
        ),
        f"{CREATE}.colour is needed now",
    ),
    "a value of a body": (
        lambda new: new.schemas["RoleEnum"]["enum"].remove("member"),
        f"POST {ROOT}/accounts/{{account_id}}/members/ body.role: member is no value any more",
    ),
    "null in a body": (
        lambda new: new.fields("IssueInputRequest")["unit_price"].pop("nullable"),
        f"{CREATE}.unit_price can't be null any more",
    ),
    "text that may be so long": (
        lambda new: new.fields("IssueInputRequest")["reference"].update(maxLength=10),
        f"{CREATE}.reference: maxLength is 10 now",
    ),
    "a number that may be so small": (
        lambda new: new.fields("IssueInputRequest")["quantity"].update(minimum=5),
        f"{CREATE}.quantity: minimum is 5 now",
    ),
    "free text": (
        lambda new: new.fields("IssueInputRequest")["reason"].update(enum=["sold"]),
        f"{CREATE}.reason: only some values do now",
    ),
    "a pattern": (
        lambda new: new.fields("IssueInputRequest")["reason"].update(pattern="[a-z]+"),
        f"{CREATE}.reason: another pattern",
    ),
    "the media type of a body": (
        lambda new: new.operation("/issues/", "post")["requestBody"].update(content={}),
        f"POST {ROOT}/issues/: takes no application/json any more",
    ),
}


def test_clients_of_the_last_release_go_on() -> None:
    broken = find_breaks(write_openapi.read_last_release(), make_document())
    changelog = read_unreleased(last_release.find_last_version())
    assert write_openapi.list_unowned(broken, changelog) == []


@pytest.mark.parametrize("kind", BREAKS)
def test_what_breaks_clients_is_found(kind: str) -> None:
    spoil, expected = BREAKS[kind]
    new = Description()
    spoil(new)
    assert expected in find_breaks(make_document(), new.all)


def test_what_only_adds_breaks_nobody() -> None:
    new = Description()
    new.fields("Account")["colour"] = {"type": "string"}
    new.schemas["Account"]["required"].append("colour")
    new.fields("IssueInputRequest")["colour"] = {"type": "string"}
    new.schemas["RoleEnum"]["enum"].append("guest")
    new.fields("IssueInputRequest")["reference"]["maxLength"] = 1000
    new.operation("/events/")["parameters"].append(
        {"in": "query", "name": "colour", "schema": {"type": "string"}}
    )
    new.all["paths"][f"{ROOT}/new/"] = {}
    assert find_breaks(make_document(), new.all) == []


def test_a_break_is_released_only_with_an_entry_in_the_changelog() -> None:
    broken = [f"{SHOW}.name is gone", f"POST {ROOT}/issues/: a body is needed now"]
    listed = ["GET /accounts/{id}/", "POST /issues/"]
    assert write_openapi.list_unowned(broken, "- Something else: `POST /issues/`.\n") == listed
    begun = f"### Changed\n\n{write_openapi.BREAKS} `GET /accounts/{{id}}/` gives\n  no `name`"
    assert write_openapi.list_unowned(broken, f"{begun}.\n") == ["POST /issues/"]
    assert write_openapi.list_unowned(broken, f"{begun}, `POST /issues/` takes more.\n") == []
    assert write_openapi.list_unowned([], "") == []
