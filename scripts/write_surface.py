"""Write docs/api-surface.txt: token_payments.api and errors.py as the last release had them.

A test compares it with the code: whatever differs is named in the changelog, in backticks. Run this
at a release, with no arguments.
"""

from __future__ import annotations

import dataclasses
import enum
import inspect
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(REPOSITORY), str(REPOSITORY / "mini_lms")]

PAGE = REPOSITORY / "docs" / "api-surface.txt"
HEAD = "# The public Python surface of token_payments {version}: make surface-baseline"

Surface = dict[str, str]


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lms.envs.test")
    import django

    django.setup()
    PAGE.write_text(render(read_code()))


def read_code() -> Surface:
    """How each public name can be used, by the name."""
    from token_payments import api, errors

    found = {name: _describe(name, getattr(api, name)) for name in api.__all__}
    for name, error in vars(errors).items():
        if inspect.isclass(error) and issubclass(error, errors.TokenPaymentsError):
            found[f"errors.{name}"] = _describe_error(name, error)
    return found


def render(surface: Surface) -> str:
    from token_payments import __version__

    parts = [HEAD.format(version=__version__), *(surface[name] for name in sorted(surface))]
    return "\n\n".join(parts) + "\n"


def read_page(text: str) -> Surface:
    """The same of what was rendered: every part begins with what it is of."""
    parts = (part.strip("\n") for part in text.split("\n\n")[1:])
    return {re.split(r"[(:=\s]", part.split(" ", 1)[1], maxsplit=1)[0]: part for part in parts}


def find_changes(old: Surface, new: Surface) -> list[str]:
    """The names that came, went, or are used differently."""
    return sorted(name for name in old.keys() | new.keys() if old.get(name) != new.get(name))


def list_unmentioned(names: list[str], changelog: str) -> list[str]:
    """Those that the changelog doesn't name: `name`, `api.name` or `name(...)` in backticks."""
    mentioned = set()
    for text in re.findall(r"`([^`]+)`", changelog):
        mentioned.add(text.partition("(")[0].rpartition(".")[2])
    return [name for name in names if name.rpartition(".")[2] not in mentioned]


def _describe(name: str, thing: Any) -> str:
    if inspect.isclass(thing):
        return "\n".join([f"class {name}{_list_bases(thing)}", *_list_members(thing)])
    if callable(thing):
        return f"def {name}{_read_signature(thing)}"
    return f"constant {name} = {_show(thing)}"


def _describe_error(name: str, error: type[Any]) -> str:
    own = vars(error)
    lines = [f"error errors.{name}{_list_bases(error)}"]
    if "reason" in own:
        lines.append(f"    reason = {own['reason']!r}")
    if "__init__" in own:
        lines.append(f"    {_read_signature(own['__init__'])}")
    return "\n".join(lines)


def _list_bases(thing: type[Any]) -> str:
    names = [base.__name__ for base in thing.__bases__ if base is not object]
    return f"({', '.join(names)})" if names else ""


def _list_members(thing: type[Any]) -> Iterator[str]:
    if issubclass(thing, enum.Enum):
        yield from (f"    {each.name} = {each.value!r}" for each in thing)
        return
    fields = dataclasses.fields(thing) if dataclasses.is_dataclass(thing) else ()
    for field in fields:
        yield f"    {field.name}: {field.type}{_show_default(field)}"
    for name, value in sorted(vars(thing).items()):
        if name.startswith("_") or name in {field.name for field in fields}:
            continue
        inner = getattr(value, "__func__", value)
        if isinstance(value, property):
            yield f"    property {name}{_read_signature(value.fget)}"
        elif inspect.isfunction(inner):
            yield f"    def {name}{_read_signature(inner)}"
        else:
            yield f"    {name} = {_show(value)}"


def _show_default(field: dataclasses.Field[Any]) -> str:
    if field.default is not dataclasses.MISSING:
        return f" = {_show(field.default)}"
    return "" if field.default_factory is dataclasses.MISSING else " = ..."


def _read_signature(function: Any) -> str:
    parameters, result = [], inspect.signature(function)
    for each in result.parameters.values():
        is_plain = each.default is each.empty
        shown = each.replace(annotation=each.empty, default=each.empty)
        kind = "" if each.annotation is each.empty else f": {each.annotation}"
        value = "" if is_plain else f" = {_show(each.default)}"
        parameters.append((each.kind, f"{shown}{kind}{value}"))
    texts = [text for _, text in parameters]
    stars = [kind in (inspect.Parameter.VAR_POSITIONAL,) for kind, _ in parameters]
    named = [n for n, (kind, _) in enumerate(parameters) if kind is inspect.Parameter.KEYWORD_ONLY]
    if named and not any(stars):
        texts.insert(named[0], "*")
    return f"({', '.join(texts)}) -> {result.return_annotation}"


def _show(value: Any) -> str:
    """As it is written; without where in memory it is, and in the same order each time."""
    if isinstance(value, set | frozenset):
        return f"{{{', '.join(sorted(map(repr, value)))}}}"
    if isinstance(value, dict):
        return f"{{{', '.join(map(repr, value))}}}"
    return re.sub(r" at 0x[0-9a-f]+", "", repr(value))


if __name__ == "__main__":
    main()
