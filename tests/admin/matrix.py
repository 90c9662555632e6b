"""For whom each address of the plugin's admin is, and what is posted to it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from tests import factories
from tests.admin.base import COURSE
from token_payments.presenters.once import make_key

#: From the most to the least; "nobody" is for what not even a superuser gets.
RANKS = ("nobody", "superuser", "course_admin", "viewer", "staff")
OUTSIDERS = ("buyer", "anonymous")
MIGHTY = ("superuser", "course_admin")
POWERLESS = ("viewer", "staff", *OUTSIDERS)
ADMIN, VIEWER, NOBODY = "course_admin", "viewer", "nobody"


@dataclass(frozen=True)
class Page:
    """The lowest rank that is answered by GET and by POST, and what is posted.

    ``writes``: what is posted changes something when a course admin does it.
    """

    get: str
    post: str
    data: Callable[[Any], dict[str, Any]] = field(default=lambda case: {})
    writes: bool = False
    args: Callable[[Any], list[Any]] = field(default=lambda case: [])


def of(name: str) -> Callable[[Any], list[Any]]:
    """The address has the number of this object of the case."""
    return lambda case: [getattr(case, name).pk]


def acting(name: str, data: Any = lambda case: {}, *, writes: bool = True) -> Page:
    """A page for those who may change the object alone."""
    return Page(ADMIN, ADMIN, data, writes, of(name))


def seeing(name: str) -> Page:
    """A page of an object that only shows something, whatever is sent to it."""
    return Page(VIEWER, VIEWER, args=of(name))


def kept(name: str) -> dict[str, Page]:
    """What nobody adds, edits or deletes in the admin."""
    return {
        "changelist": Page(VIEWER, VIEWER),
        "add": Page(NOBODY, NOBODY),
        "change": Page(VIEWER, NOBODY, args=of(name)),
        "delete": Page(NOBODY, NOBODY, lambda case: {"post": "yes"}, args=of(name)),
        "history": seeing(name),
    }


def set_up(name: str, data: Any) -> dict[str, Page]:
    """What course admins add and edit, and nobody deletes once it is used."""
    return {
        "changelist": Page(VIEWER, VIEWER),
        "add": Page(ADMIN, ADMIN, lambda case: {**data(case), **NEW}, writes=True),
        "change": Page(VIEWER, ADMIN, data, True, of(name)),
        "delete": Page(NOBODY, NOBODY, lambda case: {"post": "yes"}, args=of(name)),
        "history": seeing(name),
        "simple_history": Page(
            VIEWER, NOBODY, args=lambda case: [getattr(case, name).pk, history_id(case, name)]
        ),
    }


def history_id(case: Any, name: str) -> int:
    return int(getattr(case, name).history.first().pk)


def upload(text: str) -> Callable[[Any], dict[str, Any]]:
    """A file that is chosen and confirmed at once."""
    return lambda case: {
        "file": SimpleUploadedFile("file.csv", text.encode()),
        "mode": "each",
        "confirm": "1",
    }


NEW = {"name": "Brand new", "reference": "NEW-1", "item_key": "course-v1:Acme+NEW+2026"}
REFUND = {"refund_amount": "0"}

ORDER_PAGES = {
    **kept("order"),
    "add": Page(
        ADMIN,
        ADMIN,
        lambda case: {"buyer": "buyer", "item": case.item.pk, "quantity": 2, **factories.ADDRESS},
        writes=True,
    ),
    "change": Page(
        VIEWER,
        ADMIN,
        lambda case: {"buyer": "buyer", "item": case.item.pk, "quantity": 9, **factories.ADDRESS},
        True,
        of("requested"),
    ),
    "search": Page(VIEWER, VIEWER, lambda case: {"q": case.code}),
    "people": Page(ADMIN, ADMIN),
    "accounts": Page(ADMIN, ADMIN),
    "groups": Page(ADMIN, ADMIN),
    "finish_processing": acting("requested"),
    "decline": acting("requested", lambda case: {"reason": "No"}),
    "resume": acting("requested"),
    "cancel": acting("order", lambda case: REFUND),
    "progress": seeing("order"),
    "tokens": seeing("order"),
    "tokens_search": Page(VIEWER, VIEWER, lambda case: {"q": case.code}, args=of("order")),
    "reveal": acting("order"),
    "download": acting("order"),
    "email_tokens": acting("order"),
    "cancel_tokens": acting(
        "order",
        lambda case: {**REFUND, "quantity": 1, "idempotency_key": make_key()},
    ),
    "grant_cancellation": acting("order", lambda case: {**REFUND, "asked": case.wish.pk}),
    "decline_cancellation": acting("order", lambda case: {"answer": "No", "asked": case.wish.pk}),
    "helpers": Page(
        VIEWER,
        ADMIN,
        lambda case: {"action": "add", "user": "lee"},
        True,
        of("order"),
    ),
    "invoice": seeing("order"),
    "invoice_pdf": seeing("order"),
    "cancellations": seeing("order"),
    "log": seeing("order"),
}
ACCOUNT_PAGES = {
    **set_up("account", lambda case: {"name": "Acme", "reference": "C-1"}),
    "people": Page(ADMIN, ADMIN),
    "members": Page(
        VIEWER,
        ADMIN,
        lambda case: {"action": "add", "user": "lee", "role": "member"},
        True,
        of("account"),
    ),
    "alerts": Page(
        VIEWER,
        ADMIN,
        lambda case: {"wallet": case.wallet.pk, "threshold": "5", "addresses": ""},
        True,
        of("account"),
    ),
    "load": Page(ADMIN, ADMIN, upload("name\nLoaded\n"), writes=True),
    "load_members": Page(ADMIN, ADMIN, upload("account,user\nElsewhere,lee\n"), writes=True),
    "freeze": acting("account", lambda case: {"reason": "Unpaid"}),
    "unfreeze": acting("frozen", lambda case: {"reason": "Paid"}),
}
TYPE_PAGES = {
    **set_up("gold", lambda case: {"name": "Gold", "redemption_days": "30"}),
    # whoever may delete is told what uses the type
    "delete": Page(ADMIN, ADMIN, lambda case: {"post": "yes"}, args=of("gold")),
    "archive": acting("gold"),
    "restore": acting("archived"),
}
ISSUE_PAGES = {
    **kept("issue"),
    "add": Page(
        ADMIN,
        ADMIN,
        lambda case: {
            "account": "Acme",
            "token_type": case.gold.pk,
            "quantity": 5,
            "idempotency_key": make_key(),
        },
        writes=True,
    ),
    "accounts": Page(ADMIN, ADMIN),
    "load": Page(
        ADMIN,
        ADMIN,
        upload("reference,account,token_type,quantity\nL-1,Acme,Gold,3\n"),
        writes=True,
    ),
    "extend": Page(
        ADMIN,
        ADMIN,
        lambda case: {
            "issues": case.issue.pk,
            "expires_at": "2099-12-31",
            "reason": "Late",
            "idempotency_key": make_key(),
        },
    ),
    "transfer": Page(
        ADMIN,
        ADMIN,
        lambda case: {
            "wallet": case.wallet.pk,
            "account": "Elsewhere",
            "quantity": 1,
            "reason": "Moved",
            "idempotency_key": make_key(),
            "confirm": "1",
        },
        writes=True,
    ),
    "use_last": acting("issue", lambda case: {"reason": "Reserve", "idempotency_key": make_key()}),
    "use_in_turn": acting("kept", lambda case: {"reason": "Enough", "idempotency_key": make_key()}),
    "adjust": acting(
        "issue",
        lambda case: {
            "direction": "down",
            "quantity": 1,
            "reason": "Miscounted",
            "idempotency_key": make_key(),
        },
    ),
}
HOOK = "https://hooks.example.com/new"
JOB_PAGES = {
    **kept("job"),
    "accounts": Page(ADMIN, ADMIN),
    "redeem": Page(ADMIN, ADMIN, lambda case: {"account": "Acme", "pasted": "lee"}),
    "assign": Page(
        ADMIN,
        ADMIN,
        lambda case: {
            "order": case.order.number,
            "pasted": "lee@example.com",
            "idempotency_key": make_key(),
            "confirm": "1",
        },
        writes=True,
    ),
    "progress": seeing("job"),
    "result": seeing("job"),
    "cancel": acting("job"),
    "retry": acting("tried"),
}
ITEM = {"enrolment_method": "paid", "payment_methods": "token_code", "seats": "7"}
#: By the name of the model, then of the page.
PAGES: dict[str, dict[str, Page]] = {
    "tokenorder": ORDER_PAGES,
    "account": ACCOUNT_PAGES,
    "tokentype": TYPE_PAGES,
    "tokenissue": ISSUE_PAGES,
    "bulkjob": JOB_PAGES,
    "ledgerentry": {
        **kept("entry"),
        "statement": seeing("wallet"),
        "statement_csv": seeing("wallet"),
    },
    "webhookendpoint": {
        **set_up("endpoint", lambda case: {"url": HOOK, "is_active": "on", "description": "x"}),
        "delete": Page(ADMIN, ADMIN, lambda case: {"post": "yes"}, True, of("endpoint")),
        "rotate_secret": acting("endpoint"),
        "send_test": acting("endpoint"),
    },
    "webhookdelivery": kept("delivery"),
    "redemption": {
        **kept("redemption"),
        "reverse": acting("redemption", lambda case: {"reason": "ill"}),
        "enrol_again": acting("missing", lambda case: {"reason": "gone"}),
    },
    "retirement": {
        **kept("retirement"),
        "export": Page(ADMIN, ADMIN, lambda case: {"person": "pat"}),
    },
    "catalogueitem": {
        **set_up("item", lambda case: ITEM),
        "courses": Page(ADMIN, ADMIN),
        "load": Page(
            ADMIN, ADMIN, upload(f"course,price,currency\n{COURSE},77,GBP\n"), writes=True
        ),
        # an earlier version may be gone back to, which is a change
        "simple_history": Page(
            VIEWER, ADMIN, args=lambda case: [case.item.pk, history_id(case, "item")]
        ),
    },
    "enrolmentsettings": {
        **kept("enrolment_settings"),
        "add": Page(ADMIN, ADMIN, lambda case: {"default_method": "free"}, writes=True),
    },
    "tokensettings": {
        **kept("token_settings"),
        "add": Page(ADMIN, ADMIN, lambda case: {"adjustments_allowed": "on"}, writes=True),
    },
}
TABLE = [(model, page) for model, pages in PAGES.items() for page in pages]
