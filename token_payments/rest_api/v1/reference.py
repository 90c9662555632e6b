"""The API's description to read, and as a file: pages without scripts of others."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from token_payments import conf
from token_payments.rest_api.v1.document import make_document, write_document

MEDIA_TYPE = "application/yaml; charset=utf-8"
DEEP = 4  # levels of fields that are shown

Schema = Mapping[str, Any]


@dataclass(frozen=True)
class Field:
    """A parameter, or a field of a body or an answer: ``name`` has the way to it."""

    name: str
    kind: str
    is_required: bool
    text: str


@dataclass(frozen=True)
class Operation:
    """One thing that can be done: ``anchor`` is its place on the page."""

    anchor: str
    method: str
    path: str
    summary: str
    text: str
    parameters: Sequence[Field]
    body: Sequence[Field]
    example: str
    status: str
    answer: Sequence[Field]


@require_safe
def reference(request: HttpRequest) -> HttpResponse:
    """Every operation with its parameters, body and answer."""
    _check_enabled()
    context = {"base_template": conf.base_template(), "groups": list_operations()}
    return render(request, "token_payments/api/reference.html", context)


@require_safe
def openapi(_request: HttpRequest) -> HttpResponse:
    """The description as YAML."""
    _check_enabled()
    return HttpResponse(write_document(), content_type=MEDIA_TYPE)


def _check_enabled() -> None:
    if not conf.is_enabled():
        raise Http404


@lru_cache
def list_operations() -> dict[str, list[Operation]]:
    """The operations by their resource, in the order of the description."""
    groups: dict[str, list[Operation]] = {}
    for path, methods in make_document()["paths"].items():
        for method, facts in methods.items():
            group = facts["tags"][0].replace("-", " ").capitalize()
            groups.setdefault(group, []).append(_describe(path, method, facts))
    return groups


def _describe(path: str, method: str, facts: Schema) -> Operation:
    status, answer = next(iter(facts["responses"].items()))
    summary, _, text = facts["description"].partition("\n\n")
    return Operation(
        anchor=facts["operationId"],
        method=method.upper(),
        path=path.removeprefix("/token-payments/api/v1"),
        summary=summary,
        text=text,
        parameters=[_describe_parameter(each) for each in facts.get("parameters", ())],
        body=list(_list_fields(_find_schema(facts.get("requestBody", {})))),
        example=_write_example(facts.get("requestBody", {})),
        status=status,
        answer=[replace(field, is_required=False) for field in _list_fields(_find_schema(answer))],
    )


def _describe_parameter(facts: Schema) -> Field:
    where = {"header": "header", "path": "in the address"}.get(facts["in"], "")
    kind = ", ".join(filter(None, [_name_kind(facts["schema"]), where]))
    return Field(facts["name"], kind, facts.get("required", False), facts.get("description", ""))


def _write_example(body: Schema) -> str:
    examples = [each["example"] for each in body.get("content", {}).values()]
    return json.dumps(examples[0], indent=2) if examples else ""


def _find_schema(facts: Schema) -> Schema:
    content = facts.get("content", {})
    return next((each["schema"] for each in content.values()), {})


def _list_fields(schema: Schema, way: str = "", depth: int = 0) -> Iterator[Field]:
    """The fields of an object, and of what is in it, with the way to each."""
    schema = _resolve(schema)
    if schema.get("type") == "array":
        yield from _list_fields(schema["items"], way, depth)
        return
    for name, inner in schema.get("properties", {}).items():
        found = _resolve(inner)
        kind, is_list = _name_kind(found), found.get("type") == "array"
        place = f"{way}{name}{'[]' if is_list else ''}"
        is_required = name in schema.get("required", ())
        yield Field(place, kind, is_required, _find_text(inner, found))
        if depth < DEEP:
            yield from _list_fields(found, f"{place}.", depth + 1)


def _find_text(inner: Schema, found: Schema) -> str:
    """A field's own description; that of what it refers to says what the values are called."""
    own = inner.get("description", "")
    if own or "enum" in found:
        return str(own).partition("\n\n")[0].lstrip("* ") if "enum" not in found else ""
    return str(found.get("description", ""))


def _name_kind(schema: Schema) -> str:
    """In a word or two: integer, date-time, one of these values, or null."""
    found = _resolve(schema)
    if "enum" in found:
        kind = " | ".join(str(value) for value in found["enum"] if value is not None)
    elif found.get("type") == "array":
        kind = f"list of {_name_kind(found['items'])}"
    else:
        kind = str(found.get("format") or found.get("type") or "any").replace("int64", "integer")
    return f"{kind} or null" if found.get("nullable") else kind


def _resolve(schema: Schema) -> Schema:
    """What a reference stands for, with what is said beside it."""
    for part in schema.get("allOf", ()):
        return {**_resolve(part), **{key: schema[key] for key in schema if key != "allOf"}}
    if "oneOf" in schema:
        parts = [_resolve(part) for part in schema["oneOf"]]
        values = [value for part in parts for value in part.get("enum", ())]
        is_null = None in values
        kept = [value for value in values if value is not None]
        return {**parts[0], "enum": kept, "nullable": is_null or schema.get("nullable", False)}
    if "$ref" not in schema:
        return schema
    name = schema["$ref"].rpartition("/")[2]
    found: Schema = make_document()["components"]["schemas"][name]
    return found
