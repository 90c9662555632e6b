"""token_payments.api and errors.py held against what the last release had, read by griffe.

    python scripts/api_surface.py     say what changed; end with 1 where it may not

Before the first release, changes are told and nothing more. From then on each name that came, went
or changed stands in the changelog, in backticks, and what breaks callers in an entry that owns up
to it (docs/python-api.md, "How long it stays").
"""

from __future__ import annotations

import re
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import griffe

REPOSITORY = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(REPOSITORY)]

from scripts import last_release  # noqa: E402 (the path first)
from scripts.changelog import list_entries, read_unreleased  # noqa: E402

PACKAGE = "token_payments"
#: How an entry of the changelog begins that says what breaks.
BREAKS = "- **The Python API breaks:**"

#: How each public name can be used, by the name.
Surface = Mapping[str, str]


def main() -> int:
    try:
        version = last_release.find_last_version()
        old = load_last_release()
    except last_release.LastReleaseMissing as problem:
        print(problem)
        return 1
    new = load(REPOSITORY)
    broken, changed = find_breaks(old, new), find_changes(read_surface(old), read_surface(new))
    for name, text in broken:
        print(f"breaks callers: {name}: {text}")
    wrong = judge([name for name, _ in broken], changed, version)
    for line in wrong:
        print(line)
    if version is None:
        print(
            f"There is no release yet, so nothing of this fails. Names that differ: {len(changed)}"
        )
    return int(bool(wrong))


def judge(
    broken: Sequence[str], changed: Sequence[str], last: str | None, changelog: str | None = None
) -> list[str]:
    """What may not be: nothing before the first release, which defines the surface."""
    if last is None:
        return []
    unreleased = read_unreleased(last, changelog)
    owned_up = "\n".join(list_entries(BREAKS, unreleased))
    return [
        *(
            f"{name} breaks callers: deprecate it first, then say so in the changelog: {BREAKS}"
            for name in dict.fromkeys(list_unmentioned(broken, owned_up))
        ),
        *(
            f"{name} changed: name it in the changelog, in backticks"
            for name in list_unmentioned(changed, unreleased)
        ),
    ]


def load_last_release() -> griffe.Module:
    """Raises LastReleaseMissing."""
    with tempfile.TemporaryDirectory(prefix="token-payments-last-release-") as folder:
        last_release.extract(PACKAGE, Path(folder))
        return load(Path(folder))


def load(folder: Path) -> griffe.Module:
    """The package in this folder, read without being imported."""
    loaded = griffe.load(
        PACKAGE,
        try_relative_path=False,  # which would be the working directory's
        search_paths=[folder],
        allow_inspection=False,
        resolve_aliases=True,
        resolve_external=False,
    )
    assert isinstance(loaded, griffe.Module)
    return loaded


def read_surface(package: griffe.Module) -> Surface:
    return {name: "\n".join(_describe(each)) for name, each in _list_public(package).items()}


def find_changes(old: Surface, new: Surface) -> list[str]:
    """The names that came, went, or are used differently."""
    return sorted(name for name in old.keys() | new.keys() if old.get(name) != new.get(name))


def find_breaks(old: griffe.Module, new: griffe.Module) -> list[tuple[str, str]]:
    """Each public name that breaks callers, and how."""
    had, has = _list_public(old), _list_public(new)
    places = {each.canonical_path: name for names in (had, has) for name, each in names.items()}
    found = {(name, "is gone") for name in had.keys() - has.keys()}
    for module in ("api", "errors"):
        for breakage in griffe.find_breaking_changes(old[module], new[module]):
            name = _find_name(breakage.obj.canonical_path, places)
            if name in has:
                text = breakage.explain(griffe.ExplanationStyle.ONE_LINE)
                found.add((name, text.partition(": ")[2]))
    return sorted(found)


def list_unmentioned(names: Sequence[str], changelog: str) -> list[str]:
    """Those that the changelog doesn't name: `name`, `api.name` or `name(...)` in backticks."""
    mentioned = set()
    for text in re.findall(r"`([^`]+)`", changelog):
        mentioned.add(text.partition("(")[0].rpartition(".")[2])
    return [name for name in names if name.rpartition(".")[2] not in mentioned]


def _list_public(package: griffe.Module) -> dict[str, Any]:
    """What ``api.__all__`` names, and the classes of ``errors``."""
    api, errors = package["api"], package["errors"]
    found = {str(name): _resolve(api.members[str(name)]) for name in api.exports or ()}
    for name, each in errors.members.items():
        if not each.is_alias and each.is_class and not name.startswith("_"):
            found[f"errors.{name}"] = each
    return found


def _find_name(path: str, places: Mapping[str, str]) -> str:
    """The public name of what is at this path, or in what is there; empty for none."""
    while path and path not in places:
        path = path.rpartition(".")[0]
    return places.get(path, "")


def _resolve(thing: Any) -> Any:
    return thing.final_target if thing.is_alias else thing


def _describe(thing: Any) -> Iterator[str]:
    if thing.is_function:
        yield f"def {thing.signature(return_type=True)}"
    elif thing.is_class:
        yield f"class {thing.name}({', '.join(map(str, thing.bases))})"
        for name, member in sorted(thing.members.items()):
            if name == "__init__" or not name.startswith("_"):
                yield from _describe(_resolve(member))
    else:
        yield f"{thing.name}: {thing.annotation} = {thing.value}"


if __name__ == "__main__":
    sys.exit(main())
