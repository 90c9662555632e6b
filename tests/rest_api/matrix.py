"""For whom each address of the API is, and what is sent to it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from token_payments.management.commands.token_payments_api_roles import SEEN

COURSE = "course-v1:Api+MATRIX+2026"
OTHER = "course-v1:Api+OTHER+2026"

KINDS = (
    "operator",  # superuser
    "reader",  # a program that may read everything, and nothing else
    "issuer",  # a program that may raise issues, with what it must see for it
    "redeemer",  # a program that may pay for anybody
    "editor",  # staff who may add and change everything
    "manager",  # of the account
    "member",  # of the account
    "buyer",  # of the order
    "helper",  # who hands the order's codes out
    "learner",  # who has redeemed one of its codes
    "stranger",
)
ALL = frozenset(KINDS)
#: Who sees everything of a kind by a permission.
SEEING = frozenset({"operator", "reader", "editor"})
CHANGING = frozenset({"operator", "editor"})
ISSUING = CHANGING | {"issuer"}
REDEEMING = CHANGING | {"redeemer"}
OF_ACCOUNT = frozenset({"manager", "member"})
OF_ORDER = frozenset({"manager", "buyer", "helper"})
OWNERS = frozenset({"manager", "buyer"})

#: The groups that the command makes.
GROUPS = {
    "reader": "Token payments API: read",
    "issuer": "Token payments API: issue",
    "redeemer": "Token payments API: redeem",
}
EDITING = tuple(f"{verb}_{model}" for verb in ("view", "add", "change", "delete") for model in SEEN)


@dataclass(frozen=True)
class Call:
    """Who is answered; ``forbidden`` see the thing and get 403; for all others it is 404.

    ``status`` is what those who are answered get.
    """

    who: frozenset[str]
    method: str
    path: Callable[[Any], str]
    body: Callable[[Any], Any] = field(default=lambda case: None)
    forbidden: frozenset[str] = frozenset()
    status: int = 200


def get(who: frozenset[str], path: Any, forbidden: frozenset[str] = frozenset()) -> Call:
    return Call(who, "GET", path if callable(path) else lambda case: path, forbidden=forbidden)


def post(
    who: frozenset[str],
    path: Any,
    body: Any = None,
    *,
    forbidden: frozenset[str] = frozenset(),
    status: int = 200,
    method: str = "POST",
) -> Call:
    return Call(
        who,
        method,
        path if callable(path) else lambda case: path,
        body if callable(body) else lambda case: body,
        forbidden,
        status,
    )


def at(text: str) -> Callable[[Any], str]:
    """The address with the ids of the case's objects."""
    return lambda case: text.format(
        type=case.gold.pk,
        unused=case.silver.pk,
        account=case.account.pk,
        wallet=case.wallet.pk,
        issue=case.issue.pk,
        item=case.item.pk,
        order=case.order.pk,
        requested=case.requested.pk,
        other_order=case.other_order.pk,
        assignment=case.assignment.pk,
        wish=case.wish.pk,
        redemption=case.redemption.uuid,
        user=case.people["member"].pk,
        job=case.job.uuid,
        order_job=case.order_job.uuid,
        done=case.done.uuid,
        endpoint=case.endpoint.pk,
        site=case.site_endpoint.pk,
        delivery=case.delivery.pk,
    )


BILLING = {"name": "Acme", "street": "1 High Street", "city": "London", "country": "GB"}
ACCOUNT = SEEING | OF_ACCOUNT | {"issuer"}
ORDER = SEEING | OF_ORDER
HOOKS = SEEING | {"manager"}
HOOK = "https://hooks.example.com/"

#: By the name of the address, then what is done there.
CALLS: dict[str, list[Call]] = {
    "token-type-list": [
        get(ALL, "/token-types/"),
        post(CHANGING, "/token-types/", {"name": "New"}, forbidden=ALL, status=201),
    ],
    "token-type-detail": [
        get(ALL, at("/token-types/{type}/")),
        post(CHANGING, at("/token-types/{type}/"), {"name": "G"}, forbidden=ALL, method="PATCH"),
        post(CHANGING, at("/token-types/{unused}/"), forbidden=ALL, method="DELETE", status=204),
    ],
    "token-type-archive": [post(CHANGING, at("/token-types/{type}/archive/"), forbidden=ALL)],
    "token-type-restore": [post(CHANGING, at("/token-types/{type}/restore/"), forbidden=ALL)],
    "account-list": [
        get(ALL, "/accounts/"),
        post(CHANGING, "/accounts/", {"name": "New"}, forbidden=ALL, status=201),
    ],
    "account-detail": [
        get(ACCOUNT, at("/accounts/{account}/")),
        post(
            CHANGING,
            at("/accounts/{account}/"),
            {"name": "Acme 2"},
            forbidden=ACCOUNT,
            method="PATCH",
        ),
    ],
    "account-freeze": [post(CHANGING, at("/accounts/{account}/freeze/"), {}, forbidden=ACCOUNT)],
    "account-unfreeze": [
        post(CHANGING, at("/accounts/{account}/unfreeze/"), {}, forbidden=ACCOUNT)
    ],
    "member-list": [
        get(SEEING | {"manager", "issuer"}, at("/accounts/{account}/members/"), OF_ACCOUNT),
        post(
            CHANGING | {"manager"},
            at("/accounts/{account}/members/"),
            {"user": "stranger", "role": "member"},
            forbidden=ACCOUNT,
            status=201,
        ),
    ],
    "member-detail": [
        get(SEEING | {"manager", "issuer"}, at("/accounts/{account}/members/{user}/"), OF_ACCOUNT),
        post(
            CHANGING | {"manager"},
            at("/accounts/{account}/members/{user}/"),
            {"role": "manager"},
            forbidden=ACCOUNT,
            method="PATCH",
        ),
        post(
            CHANGING | {"manager"},
            at("/accounts/{account}/members/{user}/"),
            forbidden=ACCOUNT,
            method="DELETE",
            status=204,
        ),
    ],
    "wallet-list": [get(ALL, "/wallets/")],
    "wallet-detail": [get(ACCOUNT, at("/wallets/{wallet}/"))],
    "wallet-transfer": [
        post(
            CHANGING | {"manager"},
            at("/wallets/{wallet}/transfer/"),
            lambda case: {"account": case.other_account.pk, "quantity": 1, "reason": "x"},
            forbidden=ACCOUNT,
            status=201,
        )
    ],
    "statement-list": [get(ACCOUNT, at("/wallets/{wallet}/statement/"))],
    "issue-list": [
        get(ALL, "/issues/"),
        post(
            ISSUING,
            "/issues/",
            lambda case: {"account": case.account.pk, "token_type": case.gold.pk, "quantity": 1},
            forbidden=ALL,
            status=201,
        ),
    ],
    "issue-detail": [get(SEEING | {"issuer", "manager"}, at("/issues/{issue}/"))],
    "issue-extend": [
        post(
            CHANGING,
            at("/issues/{issue}/extend/"),
            {"expires_at": "2099-01-01T00:00:00Z", "reason": "late"},
            forbidden=SEEING | {"issuer", "manager"},
        )
    ],
    "issue-use-last": [
        post(
            CHANGING,
            at("/issues/{issue}/use-last/"),
            {"use_last": True, "reason": "kept"},
            forbidden=SEEING | {"issuer", "manager"},
        )
    ],
    "issue-adjust": [
        post(
            CHANGING,
            at("/issues/{issue}/adjust/"),
            {"amount": 1, "reason": "miscounted"},
            forbidden=SEEING | {"issuer", "manager"},
        )
    ],
    "catalogue-item-list": [
        get(ALL, "/catalogue-items/"),
        post(
            CHANGING,
            "/catalogue-items/",
            {"item_key": OTHER, "enrolment_method": "paid", "payment_methods": ["token_code"]},
            forbidden=ALL,
            status=201,
        ),
    ],
    "catalogue-item-detail": [
        get(ALL, at("/catalogue-items/{item}/")),
        post(CHANGING, at("/catalogue-items/{item}/"), {"seats": 9}, forbidden=ALL, method="PATCH"),
    ],
    "order-list": [
        get(ALL, "/orders/"),
        post(
            ALL,
            "/orders/",
            {"kind": "codes", "item_key": COURSE, "quantity": 2, "billing": BILLING},
            status=201,
        ),
    ],
    "order-detail": [get(ORDER, at("/orders/{order}/"))],
    "order-process": [post(CHANGING, at("/orders/{requested}/process/"), forbidden=ORDER)],
    "order-decline": [
        post(CHANGING, at("/orders/{requested}/decline/"), {"reason": "no"}, forbidden=ORDER)
    ],
    "order-withdraw": [post(OWNERS, at("/orders/{requested}/withdraw/"), forbidden=ORDER)],
    "order-cancel": [post(CHANGING, at("/orders/{order}/cancel/"), {}, forbidden=ORDER)],
    "order-cancel-tokens": [
        post(
            CHANGING | OWNERS,
            at("/orders/{order}/cancel-tokens/"),
            {"quantity": 1},
            forbidden=ORDER,
            status=201,
        )
    ],
    "code-list": [get(ORDER, at("/orders/{order}/codes/"))],
    "code-reveal": [
        post(
            CHANGING | OF_ORDER,
            at("/orders/{order}/codes/reveal/"),
            {"serials": [1]},
            forbidden=ORDER,
        )
    ],
    "assignment-list": [
        get(ORDER, at("/orders/{order}/assignments/")),
        post(
            CHANGING | OF_ORDER,
            at("/orders/{order}/assignments/"),
            {"recipients": [{"email": "new@example.com"}]},
            forbidden=ORDER,
            status=201,
        ),
    ],
    "assignment-bulk": [
        post(
            CHANGING | OF_ORDER,
            at("/orders/{order}/assignments/bulk/"),
            {"recipients": [{"email": "new@example.com"}]},
            forbidden=ORDER,
            status=202,
        )
    ],
    "assignment-detail": [get(ORDER, at("/orders/{order}/assignments/{assignment}/"))],
    "assignment-remind-all": [
        post(CHANGING | OF_ORDER, at("/orders/{order}/assignments/remind/"), forbidden=ORDER)
    ],
    "assignment-remind": [
        post(
            CHANGING | OF_ORDER,
            at("/orders/{order}/assignments/{assignment}/remind/"),
            forbidden=ORDER,
        )
    ],
    "assignment-send-again": [
        post(
            CHANGING | OF_ORDER,
            at("/orders/{order}/assignments/{assignment}/send-again/"),
            forbidden=ORDER,
        )
    ],
    "cancellation-request-list": [
        get(SEEING | OWNERS, at("/orders/{order}/cancellation-requests/"), forbidden=ORDER),
        post(
            OWNERS,
            at("/orders/{other_order}/cancellation-requests/"),
            {"quantity": 1, "reason": "left"},
            forbidden=ORDER,
            status=201,
        ),
    ],
    "cancellation-request-detail": [
        get(SEEING | OWNERS, at("/orders/{order}/cancellation-requests/{wish}/"), forbidden=ORDER)
    ],
    "cancellation-request-withdraw": [
        post(OWNERS, at("/orders/{order}/cancellation-requests/{wish}/withdraw/"), forbidden=ORDER)
    ],
    "cancellation-request-grant": [
        post(
            CHANGING,
            at("/orders/{order}/cancellation-requests/{wish}/grant/"),
            {},
            forbidden=ORDER,
        )
    ],
    "cancellation-request-decline": [
        post(
            CHANGING,
            at("/orders/{order}/cancellation-requests/{wish}/decline/"),
            {"answer": "no"},
            forbidden=ORDER,
        )
    ],
    "assignment-reassign": [
        post(
            CHANGING | OF_ORDER,
            at("/orders/{order}/assignments/{assignment}/reassign/"),
            {"email": "new@example.com"},
            forbidden=ORDER,
            status=201,
        )
    ],
    "assignment-revoke": [
        post(
            CHANGING | OF_ORDER,
            at("/orders/{order}/assignments/{assignment}/revoke/"),
            forbidden=ORDER,
        )
    ],
    "code-check-check": [
        post(ALL, "/codes/check/", lambda case: {"code": case.code, "item_key": COURSE})
    ],
    "quote": [get(ALL, lambda case: f"/quotes/?item_key={COURSE.replace('+', '%2B')}")],
    "redemption-list": [
        get(ALL, "/redemptions/"),
        post(
            ALL - {"learner"},
            "/redemptions/",
            lambda case: {"item_key": COURSE, "code": case.code},
            status=201,
        ),
    ],
    "redemption-detail": [get(SEEING | {"redeemer", "learner"}, at("/redemptions/{redemption}/"))],
    "redemption-members": [
        post(
            REDEEMING | {"manager"},
            "/redemptions/members/",
            lambda case: {
                "item_key": COURSE,
                "wallet": case.wallet.pk,
                "tokens": 2,
                "members": ["member"],
            },
        )
    ],
    "redemption-bulk": [
        post(
            REDEEMING | {"manager"},
            "/redemptions/bulk/",
            lambda case: {
                "item_key": COURSE,
                "wallet": case.wallet.pk,
                "tokens": 2,
                "members": ["member"],
            },
            status=202,
        )
    ],
    "job-list": [get(ALL, "/jobs/")],
    # begun by the editor, for the account's wallet; the other one for the order's codes
    "job-detail": [
        get(SEEING | {"manager"}, at("/jobs/{job}/")),
        get(SEEING | OF_ORDER, at("/jobs/{order_job}/")),
    ],
    "job-row-list": [get(SEEING | {"manager"}, at("/jobs/{job}/rows/"))],
    "job-cancel": [
        post(CHANGING | {"manager"}, at("/jobs/{job}/cancel/"), forbidden=SEEING),
        post(CHANGING | OF_ORDER, at("/jobs/{order_job}/cancel/"), forbidden=SEEING),
    ],
    "job-retry": [
        post(CHANGING | {"manager"}, at("/jobs/{done}/retry/"), forbidden=SEEING, status=202)
    ],
    "redemption-reverse": [
        post(
            CHANGING,
            at("/redemptions/{redemption}/reverse/"),
            {"reason": "ill"},
            forbidden=SEEING | {"redeemer", "learner"},
        )
    ],
    "webhook-endpoint-list": [
        get(ALL, "/webhook-endpoints/"),
        post(CHANGING, "/webhook-endpoints/", {"url": HOOK}, forbidden=ALL, status=201),
        post(
            CHANGING | {"manager"},
            "/webhook-endpoints/",
            lambda case: {"url": HOOK, "account": case.account.pk},
            forbidden=frozenset({"member"}),
            status=201,
        ),
    ],
    "webhook-endpoint-detail": [
        get(HOOKS, at("/webhook-endpoints/{endpoint}/")),
        get(SEEING, at("/webhook-endpoints/{site}/")),
        post(
            CHANGING | {"manager"},
            at("/webhook-endpoints/{endpoint}/"),
            {"description": "New"},
            forbidden=HOOKS,
            method="PATCH",
        ),
        post(
            CHANGING | {"manager"},
            at("/webhook-endpoints/{endpoint}/"),
            forbidden=HOOKS,
            method="DELETE",
            status=204,
        ),
        post(
            CHANGING,
            at("/webhook-endpoints/{site}/"),
            forbidden=SEEING,
            method="DELETE",
            status=204,
        ),
    ],
    "webhook-endpoint-rotate-secret": [
        post(
            CHANGING | {"manager"},
            at("/webhook-endpoints/{endpoint}/rotate-secret/"),
            forbidden=HOOKS,
        ),
        post(CHANGING, at("/webhook-endpoints/{site}/rotate-secret/"), forbidden=SEEING),
    ],
    "webhook-endpoint-test": [
        post(
            CHANGING | {"manager"},
            at("/webhook-endpoints/{endpoint}/test/"),
            forbidden=HOOKS,
            status=201,
        )
    ],
    "webhook-endpoint-redeliver-failed": [
        post(
            CHANGING | {"manager"},
            at("/webhook-endpoints/{endpoint}/redeliver-failed/"),
            {"since": "2026-01-01T00:00:00Z"},
            forbidden=HOOKS,
        )
    ],
    "webhook-delivery-list": [
        get(HOOKS, at("/webhook-endpoints/{endpoint}/deliveries/")),
        get(SEEING, at("/webhook-endpoints/{site}/deliveries/")),
    ],
    "webhook-delivery-detail": [
        get(HOOKS, at("/webhook-endpoints/{endpoint}/deliveries/{delivery}/")),
    ],
    "webhook-delivery-redeliver": [
        post(
            CHANGING | {"manager"},
            at("/webhook-endpoints/{endpoint}/deliveries/{delivery}/redeliver/"),
            forbidden=HOOKS,
        )
    ],
    "settings": [get(SEEING, "/settings/")],
    "events": [get(ALL, "/events/")],
}
