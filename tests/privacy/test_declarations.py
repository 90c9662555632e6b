"""No model and no column of text can be forgotten: each is declared, annotated, and exported."""

from __future__ import annotations

import re
from pathlib import Path

import yaml
from django.apps import apps
from django.contrib.auth import get_user_model
from django.db import models

from token_payments.privacy.columns import KEPT, NEAR, OWN_WAY, TEXTS
from token_payments.privacy.export import list_user_fields

ROOT = Path(__file__).parents[2]
MODELS = {
    str(model._meta.model_name): model
    for model in apps.get_app_config("token_payments").get_models(include_auto_created=True)
}
#: What can't hold text that somebody typed; all else, such as JSON, may.
WITHOUT_TEXT = (
    models.BooleanField,
    models.DateField,
    models.DecimalField,
    models.FloatField,
    models.ForeignKey,
    models.IntegerField,
    models.UUIDField,
)


def list_texts(model: type[models.Model]) -> set[str]:
    """A country, and what has one of some values, is no text."""
    return {
        field.name
        for field in model._meta.concrete_fields
        if not isinstance(field, WITHOUT_TEXT) and not field.choices
    }


def list_scrubbed(name: str) -> list[str]:
    return [*(text.name for text in TEXTS.get(name, ())), *OWN_WAY.get(name, ())]


def list_declared(name: str) -> list[str]:
    return [*list_scrubbed(name), *KEPT.get(name, ())]


def find_undeclared() -> set[str]:
    return {
        f"{name}.{column}"
        for name, model in MODELS.items()
        for column in list_texts(model) ^ set(list_declared(name))
    }


def test_every_column_of_text_is_declared() -> None:
    assert find_undeclared() == set(), "declare them in token_payments/privacy/columns.py"


def test_no_column_is_declared_twice() -> None:
    for name in MODELS:
        declared = list_declared(name)
        assert len(declared) == len(set(declared)), name


def test_every_declaration_is_of_a_model() -> None:
    assert {*TEXTS, *OWN_WAY, *KEPT, *NEAR} <= set(MODELS)


def test_every_reason_says_something() -> None:
    assert all(len(reason) > 10 for columns in KEPT.values() for reason in columns.values())


def test_annotations_tell_the_truth() -> None:
    """`.. pii:` where something is removed, `.. no_pii:` where nothing has to be."""
    listed = yaml.safe_load((ROOT / ".annotation_safe_list.yml").read_text())
    for name, model in MODELS.items():
        safe = listed.get(f"token_payments.{model.__name__}")
        if safe is None:
            found = re.findall(r"\.\. ((?:no_)?pii):", model.__doc__ or "")
        else:
            found = [key.strip(". :") for key in safe if key.startswith((".. pii:", ".. no_pii:"))]
        assert found == (["pii"] if list_scrubbed(name) else ["no_pii"]), name


def test_every_reference_to_a_user_is_exported() -> None:
    users = get_user_model()
    for model in MODELS.values():
        relations = {
            field.name for field in model._meta.concrete_fields if field.related_model is users
        }
        assert relations == set(list_user_fields(model))


def test_a_new_column_would_be_missed() -> None:
    """The test above finds one: this is what it says."""
    MODELS["notice"] = type(
        "FakeNotice",
        (models.Model,),
        {
            "__module__": __name__,
            "key": models.CharField(max_length=9),
            "payload": models.JSONField(),
            "Meta": type("Meta", (), {"app_label": "nowhere"}),
        },
    )
    try:
        assert find_undeclared() == {"notice.payload"}
    finally:
        MODELS["notice"] = apps.get_model("token_payments", "notice")
