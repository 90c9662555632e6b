"""Write the parts of the documentation that the code says best; a test keeps them true.

Settings come from the annotations in conf.py, life cycles from the states.py files, events from
events.py, what the API refuses from the catalogue of refusals, the roads into a course from the
table that the tests walk, the house from setup.cfg, columns of files from imports/kinds.py, the
names of the Python API from api.py.

    python scripts/write_docs.py            write
    python scripts/write_docs.py --check    end with 1 when a page is out of date
"""

from __future__ import annotations

import dataclasses
import inspect
import os
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(REPOSITORY))

from scripts import draw_house  # noqa: E402

DOCS = REPOSITORY / "docs"
CONF = REPOSITORY / "token_payments" / "conf.py"
EVENTS = REPOSITORY / "token_payments" / "events.py"
FIELD = re.compile(r"# \.\. (\w+): (.*)")
MORE = re.compile(r"#   (\S.*)")
SIGNAL = re.compile(r"#: (.+)\n([A-Z_]+) = _signal")


def main() -> int:
    if "--check" in sys.argv:
        stale = [page for page, text in render_pages().items() if page.read_text() != text]
        for page in stale:
            print(f"{page.relative_to(REPOSITORY)} is out of date: python scripts/write_docs.py")
        return int(bool(stale))
    for page, text in render_pages().items():
        page.write_text(text)
    return 0


def render_pages() -> dict[Path, str]:
    """What the pages with a generated part, and the picture of the house, should be."""
    return {
        DOCS / "settings.md": _fill("settings.md", settings=render_settings()),
        DOCS / "how-it-works.md": _fill(
            "how-it-works.md", states=render_states(), rooms=draw_house.render_rooms()
        ),
        draw_house.PICTURE: draw_house.draw(),
        DOCS / "events.md": _fill("events.md", events=render_events()),
        DOCS / "api.md": _fill("api.md", problems=render_problems()),
        DOCS / "python-api.md": _fill("python-api.md", python=render_surface()),
        DOCS / "course-modes.md": _fill("course-modes.md", roads=render_roads()),
        DOCS / "loading.md": _fill("loading.md", columns=render_columns()),
    }


def read_annotations() -> list[dict[str, str]]:
    """The annotated settings and toggles of conf.py, in order, as fields by their name."""
    settings: list[dict[str, str]] = []
    last = ""
    for line in map(str.strip, CONF.read_text().splitlines()):
        if field := FIELD.fullmatch(line):
            last, value = field.groups()
            if last in ("setting_name", "toggle_name"):
                settings.append({})
            settings[-1][last.partition("_")[2]] = value
        elif settings and last and (more := MORE.fullmatch(line)):
            settings[-1][last.partition("_")[2]] += f" {more[1]}"
        else:
            last = ""
    return settings


def render_settings() -> str:
    parts = []
    for setting in read_annotations():
        lines = [f"## `{setting['name']}`", "", setting["description"].replace("<", "&lt;"), ""]
        lines += [f"Default: `{setting['default']}`", ""]
        if "warning" in setting:
            lines += [":::{warning}", setting["warning"].replace("<", "&lt;"), ":::", ""]
        parts.append("\n".join(lines))
    return "\n".join(parts)


def render_problems() -> str:
    _set_up()
    from token_payments.presenters.refusals import CATALOGUE

    table = CATALOGUE.items()
    rows = sorted(
        {(each.status, each.code or kind.reason, str(each.title)) for kind, each in table}
    )
    lines = [f"| {status} | `{code}` | {title} |" for status, code, title in rows]
    return "\n".join(["| Status | `code` | What is so |", "|---|---|---|", *lines, ""])


def render_columns() -> str:
    """A table of columns for each kind of file that can be loaded."""
    _set_up()
    from token_payments.imports.kinds import KINDS

    parts = []
    for kind in KINDS.values():
        lines = [f"### {kind.title}", ""]
        lines += [f"An example: [{kind.name}.csv](examples/{kind.name}.csv).", ""]
        lines += ["| Column | What it has | Example |", "|---|---|---|"]
        for column in kind.columns:
            name = f"`{column.name}`" + (" (required)" if column.is_required else "")
            lines.append(f"| {name} | {column.help or column.label} | {column.example} |")
        parts.append("\n".join([*lines, ""]))
    return "\n".join(parts)


#: The parts of the Python API's page, by the package whose names they have.
TOPICS = {
    "wallets": "Accounts and tokens",
    "catalogue": "The catalogue",
    "orders": "Orders and codes",
    "assignments": "Assigning, delegating, cancelling",
    "checkout": "Paying",
    "privacy": "What is held of people",
    "webhooks": "Events",
}


def render_surface() -> str:
    """The names of ``token_payments.api`` by topic: its shapes, then its functions."""
    _set_up()
    from token_payments import api

    found: dict[str, list[Any]] = {topic: [] for topic in TOPICS}
    for name in sorted(api.__all__, key=lambda name: (not name[0].isupper(), name)):
        each = getattr(api, name)
        found[each.__module__.split(".")[1]].append(each)
    parts = []
    for topic, title in TOPICS.items():
        rows = [f"| `{_write_use(each)}` | {_begin(each)} |" for each in found[topic]]
        parts.append(
            "\n".join([f"### {title}", "", "| Name | What it is or does |", "|---|---|", *rows, ""])
        )
    return "\n".join(parts)


def _write_use(each: Any) -> str:
    """The name with its arguments, a shape with its fields, an enumeration alone."""
    if inspect.isfunction(each):
        return f"{each.__name__}({', '.join(inspect.signature(each).parameters)})"
    fields = (
        ", ".join(field.name for field in dataclasses.fields(each))
        if dataclasses.is_dataclass(each)
        else ""
    )
    return f"{each.__name__}({fields})" if fields else str(each.__name__)


def _begin(documented: Any) -> str:
    """The first sentence of its docstring."""
    first = (inspect.getdoc(documented) or "").split("\n\n")[0].replace("\n", " ")
    return first.replace("``", "`").replace("|", "\\|").replace("<", "&lt;")


def render_states() -> str:
    _set_up()
    from token_payments.bulk.states import JOB_TRANSITIONS, ROW_TRANSITIONS
    from token_payments.checkout.states import REDEMPTION_TRANSITIONS
    from token_payments.orders.states import CODE_TRANSITIONS, ORDER_TRANSITIONS
    from token_payments.wallets.states import ISSUE_TRANSITIONS

    tables: dict[str, Mapping[str, Mapping[str, str | tuple[str, ...]]]] = {
        "A Token Order": ORDER_TRANSITIONS,
        "A Token Code": CODE_TRANSITIONS,
        "A redemption": REDEMPTION_TRANSITIONS,
        "A token issue": ISSUE_TRANSITIONS,
        "A bulk job": JOB_TRANSITIONS,
        "A row of a bulk job": ROW_TRANSITIONS,
    }
    return "\n".join(_render_table(name, table) for name, table in tables.items())


def render_events() -> str:
    """A table of the signals, then one of the fields of each data class."""
    _set_up()
    from token_payments import events

    lines = ["| Signal, and its type on a bus | When | Data |", "|---|---|---|"]
    classes: dict[str, type] = {}
    for text, name in SIGNAL.findall(EVENTS.read_text()):
        signal = getattr(events, name)
        ((key, data_class),) = signal.init_data.items()
        classes[data_class.__name__] = data_class
        link = f"[`{key}`](#{data_class.__name__.lower()})"
        lines.append(f"| `{name}`<br>`{signal.event_type}` | {text} | {link} |")
    lines = [line.replace("``", "`") for line in lines]
    return "\n".join([*lines, "", *map(_render_data, classes.values())])


def render_roads() -> str:
    """A table for each group of roads, courses downwards; then the states of two courses."""
    _set_up()
    from tests.course_modes.bypasses import BYPASSES, GROUPS
    from tests.course_modes.courses import COURSES, STATES
    from tests.course_modes.matrix import STATE_TABLE, TABLE, read

    titles = {name: road.title for name, road in BYPASSES.items()}
    parts = []
    for group, roads in GROUPS.items():
        columns = {titles[road]: read(TABLE[road]) for road in roads}
        rows = {name: course.title for name, course in COURSES.items()}
        parts.append(f"### {group}\n\n{_render_cells('Course', rows, columns)}")
    for name in dict.fromkeys(course for course, _ in STATE_TABLE):
        columns = {titles[road]: read(row) for (of, road), row in STATE_TABLE.items() if of == name}
        rows = {key: state.title for key, state in STATES.items()}
        title = f"### By state: {COURSES[name].title.lower()}"
        parts.append(f"{title}\n\n{_render_cells('State', rows, columns)}")
    return "\n".join(parts)


def _render_cells(corner: str, rows: Mapping[str, str], columns: Mapping[str, Any]) -> str:
    lines = [f"| {' | '.join([corner, *columns])} |", "|---" * (1 + len(columns)) + "|"]
    for name, title in rows.items():
        cells = [column[name].value for column in columns.values()]
        lines.append(f"| {' | '.join([title, *cells])} |")
    return "\n".join([*lines, ""])


def _render_data(data_class: Any) -> str:
    about, _, fields = (inspect.getdoc(data_class) or "").partition("Arguments:\n")
    texts = dict(line.strip().split(": ", 1) for line in fields.splitlines())
    rows = [
        f"| `{one.name}` | {one.type.__name__} | {texts[one.name]} |"
        for one in data_class.__attrs_attrs__
    ]
    head = [f"## {data_class.__name__}", "", about.strip(), "", "| Field | Type | What |"]
    return "\n".join([*head, "|---|---|---|", *rows, ""])


def _set_up() -> None:
    sys.path[:0] = [str(REPOSITORY), str(REPOSITORY / "mini_lms")]
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lms.envs.test")
    import django

    django.setup()


def _render_table(name: str, transitions: Mapping[str, Mapping[str, str | tuple[str, ...]]]) -> str:
    rows = [
        f"| {_plain(operation)} | {_plain(origin)} | {_plain_target(target)} |"
        for operation, steps in transitions.items()
        for origin, target in steps.items()
    ]
    return "\n".join([f"### {name}", "", "| Operation | From | To |", "|---|---|---|", *rows, ""])


def _fill(page: str, **parts: str) -> str:
    """The page with what stands between the two comments of each part replaced."""
    text = (DOCS / page).read_text()
    for part, body in parts.items():
        start = text.index("-->\n", text.index(f"<!-- {part}:")) + len("-->\n")
        text = f"{text[:start]}\n{body}\n{text[text.index(f'<!-- /{part} -->') :]}"
    return text


def _plain_target(target: str | tuple[str, ...]) -> str:
    return " or ".join(map(_plain, target if isinstance(target, tuple) else (target,)))


def _plain(word: str) -> str:
    return str(getattr(word, "value", word)).replace("_", " ")


if __name__ == "__main__":
    sys.exit(main())
