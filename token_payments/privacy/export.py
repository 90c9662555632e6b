"""All that we know of one person, as JSON can hold it; ``docs/privacy.md`` describes the format."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import product
from typing import Any

from django.apps import apps
from django.contrib.auth import get_user_model
from django.db.models import Field, Model, QuerySet

from token_payments.hosts.base import User
from token_payments.privacy.columns import BILLING, TEXTS, filter_near
from token_payments.privacy.subject import Subject, identify, list_assigned, list_job_rows

FORMAT = 1
#: Rows about somebody whom they don't name themselves, by the way to who does.
ABOUT: Mapping[str, Sequence[str]] = {
    "ledgerentry": ("redemption__learner",),
    "redemptionlogentry": ("redemption__learner",),
    "tokencode": ("redemptions__learner",),
    "tokenordercancellation": ("order__buyer",),
    "cancellationrequest": ("order__buyer",),
}
#: Where names are looked for beside ``columns.TEXTS``.
MORE_TEXTS: Mapping[str, Sequence[str]] = {
    "tokenorder": (*BILLING, "purchase_order", "invoice_number"),
    "account": ("name",),
    "historicalaccount": ("name",),
    "wallet": ("low_balance_emails",),
    "bulkrow": ("entered", "name"),
}
SECRET = ("code_hash", "code_key")


def export_person(
    *,
    now: datetime,
    user: User | None = None,
    addresses: Iterable[str] = (),
    names: Iterable[str] = (),
) -> dict[str, Any]:
    """Every row of the plugin that is about a person, by user, e-mail addresses, or both, as JSON.

    ``records`` has them by table; each says in ``because`` which of its columns lead to the person.
    A row that only mentions the person comes with that text alone: the rest is about others. Raises
    ValueError if no person is named.
    """
    subject = identify(user, addresses=addresses, names=names)
    records = {
        model._meta.object_name: rows
        for model in apps.get_app_config("token_payments").get_models(include_auto_created=True)
        if (rows := list(_list_records(model, subject)))
    }
    return {
        "format": FORMAT,
        "made_at": now.isoformat(),
        "person": {
            "user_id": subject.user_id,
            "user_names": list(subject.user_names),
            "full_names": list(subject.full_names),
            "addresses": list(subject.addresses),
        },
        "records": records,
    }


def _list_records(model: type[Model], subject: Subject) -> Iterator[dict[str, Any]]:
    """By id. A row may be there for several reasons, and is listed once."""
    reasons: dict[Any, list[str]] = {}
    texts: dict[Any, list[str]] = {}
    for name, pks in _list_own(model, subject):
        for pk in pks:
            reasons.setdefault(pk, []).append(name)
    for name, pk in dict.fromkeys(_list_mentions(model, subject)):
        texts.setdefault(pk, []).append(name)
    for pk in sorted({*reasons, *texts}):
        row: Any = QuerySet(model).get(pk=pk)
        own = reasons.get(pk, [])
        fields = _list_fields(model, () if own else texts[pk])
        yield {
            "id": pk,
            "because": own + [name for name in texts.get(pk, []) if name not in own],
            "values": {field.name: _write(row, field, subject) for field in fields},
        }


def _list_own(model: type[Model], subject: Subject) -> Iterator[tuple[str, Iterable[Any]]]:
    """(why, ids) of the rows that are about the subject."""
    name = str(model._meta.model_name)
    rows: QuerySet[Any] = QuerySet(model)
    if subject.user_id is not None:
        for path in (*list_user_fields(model), *ABOUT.get(name, ())):
            found = rows.filter(**{path: subject.user_id}).order_by()
            yield path, found.values_list("pk", flat=True).distinct()
    if name == "codeassignment":
        yield "email", [row.pk for row in list_assigned(subject.addresses)]
    if name == "tokencode":
        yield "assignments__email", [row.code_id for row in list_assigned(subject.addresses)]
    if name == "bulkrow":
        yield "entered", [row.pk for row in list_job_rows(subject)]
    if name == "notice":
        for digest in subject.digests:
            yield "key", rows.filter(key__contains=digest).values_list("pk", flat=True)


def _list_mentions(model: type[Model], subject: Subject) -> Iterator[tuple[str, Any]]:
    """(column, id) of texts that the subject wrote, are about them, or have one of their names."""
    name = str(model._meta.model_name)
    rows: QuerySet[Any] = QuerySet(model)
    for text in TEXTS.get(name, ()):
        whole = text.filter_whole(subject)
        if whole is not None:
            found = rows.filter(whole).exclude(**{text.name: ""}).order_by()
            for pk in found.values_list("pk", flat=True).distinct():
                yield text.name, pk
    columns = [text.name for text in TEXTS.get(name, ())] + [*MORE_TEXTS.get(name, ())]
    near = rows.filter(filter_near(name, subject))
    for column, is_near in product(columns, (False, True)):
        found = (near if is_near else rows).filter(subject.filter_in(column, near=is_near))
        for pk, value in found.order_by().values_list("pk", column):
            if value and subject.redact(value, near=is_near) != value:
                yield column, pk


def list_user_fields(model: type[Model]) -> list[str]:
    """The columns that name a user of the host."""
    users = get_user_model()
    return [field.name for field in model._meta.concrete_fields if field.related_model is users]


def _list_fields(model: type[Model], only: Iterable[str] = ()) -> list[Field[Any, Any]]:
    """All columns but secret ones, or only those that are named."""
    wanted = list(only)
    fields = model._meta.concrete_fields
    return [
        field for field in fields if (field.name in wanted if wanted else field.name not in SECRET)
    ]


def _write(row: Any, field: Field[Any, Any], subject: Subject) -> Any:
    """A value; of users only whether it is the subject: who else it is, is somebody else's."""
    value = getattr(row, field.attname)
    if value is None or isinstance(value, (bool, int)):
        if field.related_model is get_user_model():
            return "this person" if value == subject.user_id else None
        return _name_row(row, field) if field.is_relation and value is not None else value
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value)


def _name_row(row: Any, field: Field[Any, Any]) -> dict[str, Any]:
    """The row that a reference leads to; only its number when that is gone, as in a history."""
    model: Any = field.related_model
    found = QuerySet[Any](model).filter(pk=getattr(row, field.attname)).first()
    return {"id": getattr(row, field.attname), "name": str(found) if found else None}
