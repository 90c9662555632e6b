"""Every column of ours that can hold text: what retiring does with it, or why it stays as it is.

A new model, or a new column of text, has to be declared here: a test compares this with the models.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q

from token_payments.checkout.models import Redemption
from token_payments.orders.models import TokenOrderAction, TokenOrderLogEntry
from token_payments.privacy.subject import Subject

#: The details of these were written by the actor.
WRITTEN = (
    TokenOrderAction.CANCELLED,
    TokenOrderAction.CODES_CANCELLED,
    TokenOrderAction.DECLINED,
    TokenOrderAction.CANCELLATION_REQUESTED,
    TokenOrderAction.CANCELLATION_DECLINED,
    TokenOrderAction.CODE_GIVEN_BACK,
)


@dataclass(frozen=True)
class Text:
    """A column of free text, in which the subject's names and addresses are replaced.

    Where one of the relations ``by`` leads to the subject, or ``about`` finds the row, all of the
    text goes: they wrote it, or it was written about them. A row whose column ``unless`` has one of
    the names is left alone.
    """

    name: str
    by: Sequence[str] = ()
    about: Callable[[Subject], Q] | None = None
    unless: str = ""

    def filter_whole(self, subject: Subject) -> Q | None:
        """Rows whose text goes as a whole; None when there can be none."""
        if subject.user_id is None or not (self.by or self.about):
            return None
        found = Q(pk__in=[])
        for relation in self.by:
            found |= Q(**{relation: subject.user_id})
        return found | self.about(subject) if self.about else found


def _filter_log_about(subject: Subject) -> Q:
    """What the subject wrote in an order's log, what others did in the log of an order of theirs,
    and why a code of theirs was given back.
    """
    found = (_is_own(subject, "order__") | Q(actor=subject.user_id)) & Q(action__in=WRITTEN)
    for redemption in _list_reversed(subject):
        assert redemption.code is not None
        detail = f"{redemption.code} {redemption.reversal_reason}"[:255]
        found |= Q(
            order=redemption.code.order_id,
            action=TokenOrderAction.CODE_GIVEN_BACK,
            detail=detail,
        )
    return found


def _filter_cancellations_about(subject: Subject) -> Q:
    """Codes that a reversal of theirs cancelled, as the order was cancelled before."""
    keys = [f"given-back:{redemption.pk}" for redemption in _list_reversed(subject)]
    return Q(idempotency_key__in=keys) | _is_own(subject, "order__")


def _filter_declined_by(subject: Subject) -> Q:
    """Orders that the subject declined, as course admin."""
    log = TokenOrderLogEntry.objects.filter(
        order=OuterRef("pk"), action=TokenOrderAction.DECLINED, actor=subject.user_id
    )
    return Q(Exists(log))


def _is_own(subject: Subject, prefix: str) -> Q:
    """An order that the subject bought without an account."""
    return Q(**{f"{prefix}buyer": subject.user_id, f"{prefix}account": None})


def _list_reversed(subject: Subject) -> list[Redemption]:
    rows = Redemption.objects.filter(learner=subject.user_id, live=None, code__isnull=False)
    return list(rows.select_related("code"))


BILLING = (
    "billing_name",
    "billing_street",
    "billing_postcode",
    "billing_city",
    "billing_region",
)
_REASON_OF_CHANGE = Text("history_change_reason", by=("history_user",))
_ACCOUNT_BILLING = tuple(Text(name, unless="name") for name in BILLING)

#: By the model's name. The order matters: what is found by another text comes before that one.
TEXTS: Mapping[str, Sequence[Text]] = {
    "tokenorder": (
        Text("note", by=("buyer",)),
        Text("decline_reason", by=("buyer",), about=_filter_declined_by),
    ),
    "tokenorderlogentry": (Text("detail", about=_filter_log_about),),
    "tokenordercancellation": (Text("reason", by=("actor",), about=_filter_cancellations_about),),
    "cancellationrequest": (
        Text("reason", by=("actor",)),
        Text("answer", by=("actor", "answered_by")),  # whoever asked is answered
    ),
    "ledgerentry": (Text("reason", by=("actor", "redemption__learner")),),
    "redemption": (Text("reversal_reason", by=("learner", "reversed_by")),),
    "redemptionlogentry": (Text("reason", by=("actor", "redemption__learner")),),
    "tokentransfer": (Text("reason", by=("actor",)),),
    "tokenissue": (Text("reference"),),
    "account": _ACCOUNT_BILLING,
    "historicalaccount": (*_ACCOUNT_BILLING, _REASON_OF_CHANGE),
    "historicalaccountmember": (_REASON_OF_CHANGE,),
    "historicalcatalogueitem": (_REASON_OF_CHANGE,),
    "historicaltokentype": (_REASON_OF_CHANGE,),
    "webhookendpoint": (Text("description"),),
    "historicalwebhookendpoint": (Text("description"), _REASON_OF_CHANGE),
    "webhookevent": (Text("body"),),
    "webhookdelivery": (Text("response"),),
}

#: The ways from a row to its order and to its account, "" for none: what the person has to do with.
NEAR: Mapping[str, tuple[str, str]] = {
    "tokenorder": ("pk", "account"),
    "tokenorderlogentry": ("order", "order__account"),
    "tokenordercancellation": ("order", "order__account"),
    "cancellationrequest": ("order", "order__account"),
    "ledgerentry": ("", "issue__wallet__account"),
    "redemption": ("code__order", "wallet__account"),
    "redemptionlogentry": ("redemption__code__order", "redemption__wallet__account"),
    "tokentransfer": ("", "source__account"),
    "tokenissue": ("", "wallet__account"),
    "bulkrow": ("job__order", "job__wallet__account"),
    "wallet": ("", "account"),
    "account": ("", "pk"),
    "historicalaccount": ("", "id"),
    "historicalaccountmember": ("", "account"),
    "webhookendpoint": ("", "account"),
    "historicalwebhookendpoint": ("", "account"),
    "webhookevent": ("", "account_id"),
    "webhookdelivery": ("", "endpoint__account"),
}


def filter_near(model_name: str, subject: Subject) -> Q:
    """Rows about orders and accounts that the subject has to do with."""
    order, account = NEAR.get(model_name, ("", ""))
    found = Q(pk__in=[])
    if order:
        found |= Q(**{f"{order}__in": subject.order_ids})
    if account:
        found |= Q(**{f"{account}__in": subject.account_ids})
    return found


#: What ``scrubbing.py`` has a function of its own for.
OWN_WAY: Mapping[str, Sequence[str]] = {
    "tokenorder": (*BILLING, "purchase_order"),
    "codeassignment": ("email", "name", "mail_error"),
    "wallet": ("low_balance_emails",),
    "notice": ("key",),
    "storedanswer": ("body",),
    "bulkrow": ("entered", "name"),
}

_KEY = "a request's own key: random, or made of numbers"
_NAME = "what the site's staff call a thing, not a person"
_COURSE = "the host's course"
_SERIALS = "numbers of tokens within an order"
_CODE = "tells currencies, courses or methods apart"
_ORGANISATION = "an organisation's: staff rename one that bears a person's name"
_KEY_NAME = "the name of one of the operator's keys"
_ENDPOINT = {
    "url": "a receiver's, which would get nothing any more without it",
    "event_types": _CODE,
    "secret_key": _KEY_NAME,
    "previous_key": _KEY_NAME,
}

#: Columns of text that stay, and why.
KEPT: Mapping[str, Mapping[str, str]] = {
    "account": {"name": _ORGANISATION, "reference": _ORGANISATION},
    "historicalaccount": {"name": _ORGANISATION, "reference": _ORGANISATION},
    "assignmentbatch": {"idempotency_key": _KEY},
    "bulkjob": {
        "idempotency_key": _KEY,
        "fingerprint": "a digest of a request",
    },
    "bulkrow": {"reason": "one of the words that the API has for refusals"},
    "cancellationrequest": {"idempotency_key": _KEY, "serials": _SERIALS},
    "catalogueitem": {
        "item_key": _COURSE,
        "title": _COURSE,
        "currency": _CODE,
        "course_mode": _CODE,
    },
    "historicalcatalogueitem": {
        "item_key": _COURSE,
        "title": _COURSE,
        "currency": _CODE,
        "course_mode": _CODE,
    },
    "catalogueitempaymentmethod": {"method": _CODE},
    "ledgerentry": {"idempotency_key": _KEY},
    "pendingtask": {"task": _CODE, "arguments": "numbers of rows, gone within three days"},
    "redemption": {
        "method": _CODE,
        "mode": _CODE,
        "currency": _CODE,
        "group_name": _COURSE,
        "idempotency_key": _KEY,
    },
    "storedanswer": {
        "key": "a digest of a request's own key",
        "fingerprint": "a digest of a request",
        "headers": "addresses and versions of what the API made",
    },
    "tokencode": {"code_hash": "tells nothing without the operator's key", "last_four": _CODE},
    "tokenissue": {"currency": _CODE, "idempotency_key": _KEY},
    "tokenorder": {
        "currency": _CODE,
        "invoice_number": "invoices are numbered without a gap",
        "group_name": _COURSE,
        "code_key": _KEY_NAME,
    },
    "tokenordercancellation": {"currency": _CODE, "idempotency_key": _KEY, "serials": _SERIALS},
    "tokentransfer": {"idempotency_key": _KEY},
    "tokentype": {"name": _NAME, "description": _NAME, "currency": _CODE},
    "webhookendpoint": _ENDPOINT,
    "historicalwebhookendpoint": _ENDPOINT,
    "webhookevent": {"type": _CODE},
    "historicaltokentype": {"name": _NAME, "description": _NAME, "currency": _CODE},
}
