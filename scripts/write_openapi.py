"""Write docs/openapi.yaml from the API's code, and refuse what would break its clients.

python scripts/write_openapi.py               write, unless that breaks clients
python scripts/write_openapi.py --breaking    write all the same
python scripts/write_openapi.py --check       end with 1 when the file is out of date
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).resolve().parents[1]
PAGE = REPOSITORY / "docs" / "openapi.yaml"

Schema = Mapping[str, Any]


def main() -> int:
    import yaml

    text = render()
    before = PAGE.read_text() if PAGE.exists() else ""
    if text == before:
        return 0
    broken = find_breaks(yaml.safe_load(before), yaml.safe_load(text)) if before else []
    for line in broken:
        print(f"breaks clients: {line}")
    if "--check" in sys.argv:
        print("docs/openapi.yaml is out of date: python scripts/write_openapi.py")
        return 1
    if broken and "--breaking" not in sys.argv:
        print("Not written. If it must be: python scripts/write_openapi.py --breaking")
        return 1
    PAGE.write_text(text)
    return 0


def render() -> str:
    """The description as YAML. Raises SystemExit when drf-spectacular warns of something."""
    sys.path[:0] = [str(REPOSITORY), str(REPOSITORY / "mini_lms")]
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lms.envs.test")
    import django

    django.setup()
    from drf_spectacular.drainage import GENERATOR_STATS

    from token_payments.rest_api.v1.document import write_document

    text = write_document().decode()
    if GENERATOR_STATS:
        GENERATOR_STATS.emit_summary()
        sys.exit("drf-spectacular warns: see above")
    return text


def find_breaks(old: Schema, new: Schema) -> list[str]:
    """What a client of the old description may trip over: empty for what only adds."""
    return sorted(set(_compare_operations(old, new)))


def _compare_operations(old: Schema, new: Schema) -> Iterator[str]:
    for path, operations in old["paths"].items():
        for method, before in operations.items():
            name = f"{method.upper()} {path}"
            after = new["paths"].get(path, {}).get(method)
            if after is None:
                yield f"{name} is gone"
                continue
            yield from _compare_parameters(name, before, after)
            yield from _compare_bodies(name, (old, before), (new, after))
            yield from _compare_answers(name, (old, before), (new, after))


def _compare_parameters(name: str, before: Schema, after: Schema) -> Iterator[str]:
    had = {(each["in"], each["name"]): each for each in before.get("parameters", ())}
    has = {(each["in"], each["name"]): each for each in after.get("parameters", ())}
    for key in had.keys() - has.keys():
        yield f"{name}: the parameter {key[1]} is gone"
    for key, each in has.items():
        was_required = had.get(key, {}).get("required", False)
        if each.get("required") and not was_required:
            yield f"{name}: the parameter {key[1]} is needed now"


def _compare_bodies(name: str, old: tuple[Schema, Schema], new: tuple[Schema, Schema]) -> Any:
    """A client sends what the old body says."""
    (old_all, before), (new_all, after) = old, new
    for kind, content in before.get("requestBody", {}).get("content", {}).items():
        accepted = after.get("requestBody", {}).get("content", {}).get(kind)
        if accepted is None:
            yield f"{name}: takes no {kind} any more"
            continue
        had = _resolve(old_all, content["schema"])
        has = _resolve(new_all, accepted["schema"])
        yield from _compare_schemas(f"{name} body", (old_all, had), (new_all, has), is_body=True)


def _compare_answers(name: str, old: tuple[Schema, Schema], new: tuple[Schema, Schema]) -> Any:
    """A client reads what the old answer says."""
    (old_all, before), (new_all, after) = old, new
    for status, answer in before["responses"].items():
        given = after["responses"].get(status)
        if given is None:
            yield f"{name}: never answers {status} any more"
            continue
        for kind, content in answer.get("content", {}).items():
            if kind not in given.get("content", {}):
                yield f"{name}: {status} is no {kind} any more"
                continue
            had = _resolve(old_all, content["schema"])
            has = _resolve(new_all, given["content"][kind]["schema"])
            pair = (old_all, had), (new_all, has)
            yield from _compare_schemas(f"{name} {status}", *pair, is_body=False)


def _compare_schemas(
    place: str, old: tuple[Schema, Schema], new: tuple[Schema, Schema], *, is_body: bool
) -> Iterator[str]:
    """Of a body: what is sent must still do. Of an answer: what is read must still be there."""
    (old_all, before), (new_all, after) = old, new
    if before.get("type") != after.get("type"):
        yield f"{place}: another type"
        return
    had, has = before.get("properties", {}), after.get("properties", {})
    for field in had.keys() - has.keys():
        yield f"{place}.{field} is gone"
    needed, needed_before = set(after.get("required", ())), set(before.get("required", ()))
    if is_body:
        yield from (f"{place}.{field} is needed now" for field in needed - needed_before)
        lost = set(before.get("enum", ())) - set(after.get("enum", before.get("enum", ())))
        yield from (f"{place}: {value} is no value any more" for value in lost)
    else:
        kept = (needed_before - needed) & has.keys()
        yield from (f"{place}.{field} may be missing now" for field in kept)
    inner = {f".{field}": (had[field], has[field]) for field in had.keys() & has.keys()}
    if "items" in before and "items" in after:
        inner["[]"] = (before["items"], after["items"])
    for name, (one, other) in inner.items():
        pair = (old_all, _resolve(old_all, one)), (new_all, _resolve(new_all, other))
        yield from _compare_schemas(f"{place}{name}", *pair, is_body=is_body)


def _resolve(document: Schema, schema: Schema) -> Schema:
    """What a reference stands for; the parts of an allOf as one."""
    while "$ref" in schema:
        target: Any = document
        for name in schema["$ref"].removeprefix("#/").split("/"):
            target = target[name]
        schema = target
    if "allOf" in schema:
        merged: dict[str, Any] = {}
        for part in schema["allOf"]:
            merged |= _resolve(document, part)
        return merged
    return schema


if __name__ == "__main__":
    sys.exit(main())
