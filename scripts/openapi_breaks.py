"""What a client of one OpenAPI description trips over in another: empty for what only adds.

The tools of PyPI for it are a few months old or dead, and oasdiff is a Go program; this knows the
part of OpenAPI 3.0 that drf-spectacular writes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Schema = Mapping[str, Any]

#: What may only grow in what is sent, and what may only shrink there.
UPPER = ("maximum", "maxLength", "maxItems")
LOWER = ("minimum", "minLength", "minItems")


@dataclass(frozen=True)
class Pair:
    """A part of the old description and the same part of the new one, with where it stands."""

    place: str
    old: Schema
    new: Schema

    def at(self, place: str, old: Schema, new: Schema) -> Pair:
        return Pair(f"{self.place}{place}", old, new)


def find_breaks(old: Schema, new: Schema) -> list[str]:
    return sorted(set(_Comparison(old, new).compare()))


class _Comparison:
    def __init__(self, old: Schema, new: Schema) -> None:
        self.old, self.new = old, new

    def compare(self) -> Iterator[str]:
        for path, operations in self.old["paths"].items():
            for method, before in operations.items():
                name = f"{method.upper()} {path}"
                after = self.new["paths"].get(path, {}).get(method)
                if after is None:
                    yield f"{name} is gone"
                    continue
                pair = Pair(name, before, after)
                yield from self.compare_parameters(pair)
                yield from self.compare_bodies(pair)
                yield from self.compare_answers(pair)

    def compare_parameters(self, pair: Pair) -> Iterator[str]:
        had = {(each["in"], each["name"]): each for each in pair.old.get("parameters", ())}
        has = {(each["in"], each["name"]): each for each in pair.new.get("parameters", ())}
        for key in had.keys() - has.keys():
            yield f"{pair.place}: the parameter {key[1]} is gone"
        for key, each in has.items():
            if each.get("required") and not had.get(key, {}).get("required", False):
                yield f"{pair.place}: the parameter {key[1]} is needed now"
            if key in had:
                schemas = had[key]["schema"], each["schema"]
                yield from self.compare_sent(pair.at(f" parameter {key[1]}", *schemas))

    def compare_bodies(self, pair: Pair) -> Iterator[str]:
        had, has = pair.old.get("requestBody", {}), pair.new.get("requestBody", {})
        if has.get("required") and not had.get("required"):
            yield f"{pair.place}: a body is needed now"
        for kind, content in had.get("content", {}).items():
            taken = has.get("content", {}).get(kind)
            if taken is None:
                yield f"{pair.place}: takes no {kind} any more"
                continue
            yield from self.compare_sent(pair.at(" body", content["schema"], taken["schema"]))

    def compare_answers(self, pair: Pair) -> Iterator[str]:
        for status, answer in pair.old["responses"].items():
            given = pair.new["responses"].get(status)
            if given is None:
                yield f"{pair.place}: never answers {status} any more"
                continue
            for kind, content in answer.get("content", {}).items():
                if kind not in given.get("content", {}):
                    yield f"{pair.place}: {status} is no {kind} any more"
                    continue
                schemas = content["schema"], given["content"][kind]["schema"]
                yield from self.compare_read(pair.at(f" {status}", *schemas))

    def compare_sent(self, pair: Pair) -> Iterator[str]:
        """What a client sends by the old one must do by the new one."""
        pair = self.resolve(pair)
        yield from _compare_types(pair)
        needed = set(pair.new.get("required", ())) - set(pair.old.get("required", ()))
        yield from (f"{pair.place}.{field} is needed now" for field in needed)
        if pair.old.get("nullable") and not pair.new.get("nullable"):
            yield f"{pair.place} can't be null any more"
        yield from _compare_limits(pair)
        for inner in _list_inner(pair):
            yield from self.compare_sent(inner)

    def compare_read(self, pair: Pair) -> Iterator[str]:
        """What a client reads by the old one must be there by the new one."""
        pair = self.resolve(pair)
        yield from _compare_types(pair)
        missing = set(pair.old.get("required", ())) - set(pair.new.get("required", ()))
        kept = missing & pair.new.get("properties", {}).keys()
        yield from (f"{pair.place}.{field} may be missing now" for field in kept)
        if pair.new.get("nullable") and not pair.old.get("nullable"):
            yield f"{pair.place} may be null now"
        for inner in _list_inner(pair):
            yield from self.compare_read(inner)

    def resolve(self, pair: Pair) -> Pair:
        return pair.at("", _resolve(self.old, pair.old), _resolve(self.new, pair.new))


def _compare_types(pair: Pair) -> Iterator[str]:
    if pair.old.get("type") != pair.new.get("type"):
        yield f"{pair.place}: another type"
    elif pair.old.get("format") != pair.new.get("format"):
        yield f"{pair.place}: another format"
    had, has = pair.old.get("properties", {}), pair.new.get("properties", {})
    yield from (f"{pair.place}.{field} is gone" for field in had.keys() - has.keys())


def _compare_limits(pair: Pair) -> Iterator[str]:
    old, new = pair.old, pair.new
    if "enum" in new:
        lost = [value for value in old.get("enum", ()) if value not in new["enum"]]
        yield from (f"{pair.place}: {value} is no value any more" for value in lost)
        if "enum" not in old:
            yield f"{pair.place}: only some values do now"
    if new.get("pattern") not in (None, old.get("pattern")):
        yield f"{pair.place}: another pattern"
    for name in UPPER:
        if name in new and new[name] < old.get(name, float("inf")):
            yield f"{pair.place}: {name} is {new[name]} now"
    for name in LOWER:
        if name in new and new[name] > old.get(name, float("-inf")):
            yield f"{pair.place}: {name} is {new[name]} now"


def _list_inner(pair: Pair) -> Iterator[Pair]:
    """The fields that both have, and the items of lists."""
    had, has = pair.old.get("properties", {}), pair.new.get("properties", {})
    for field in had.keys() & has.keys():
        yield pair.at(f".{field}", had[field], has[field])
    if "items" in pair.old and "items" in pair.new:
        yield pair.at("[]", pair.old["items"], pair.new["items"])


def _resolve(document: Schema, schema: Schema) -> Schema:
    """What a reference stands for; the parts of an allOf, and the values of a oneOf, as one."""
    merged = dict(schema)
    if "$ref" in schema:
        target: Any = document
        for name in merged.pop("$ref").removeprefix("#/").split("/"):
            target = target[name]
        merged = {**_resolve(document, target), **merged}
    for part in merged.pop("allOf", ()):
        merged = {**_resolve(document, part), **merged}
    choices = [_resolve(document, part) for part in merged.pop("oneOf", ())]
    if choices:
        values = [value for choice in choices for value in choice.get("enum", ())]
        merged = {**choices[0], **merged, "enum": values}
        merged["nullable"] = merged.get("nullable", False) or None in values
    return merged
