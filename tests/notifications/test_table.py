"""The one table is whole, and nothing goes round it: no interface tells workers anything."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator
from pathlib import Path

import ddt
from celery import current_app
from django.test import SimpleTestCase

import token_payments
from token_payments.notifications.table import FOLLOWS
from token_payments.outbox.dispatch import TASKS
from token_payments.outbox.steps import Step

PACKAGE = Path(token_payments.__file__).parent
INTERFACES = ("admin", "lms", "management", "portal", "rest_api", "templatetags")
ENQUEUEING = ("enqueue", "send_soon")
#: What hands work to Celery; and what announces a step, or keeps it quiet: the domain announces.
FORBIDDEN = (*ENQUEUEING, "delay", "apply_async", "send_task", "announce", "quietly")


def parse(folder: str = "") -> Iterator[tuple[str, ast.AST]]:
    """(file and line, node) of everything in the package's modules, or in those of one folder."""
    for path in sorted((PACKAGE / folder).rglob("*.py")):
        name = path.relative_to(PACKAGE)
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            yield f"{name}:{getattr(node, 'lineno', 0)}", node


def name_of(node: ast.expr) -> str:
    """The last part of what is called: ``delay`` of ``tasks.mails.mail_order.delay``."""
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")


def list_enqueued() -> list[tuple[str, ast.Call]]:
    """Where the package enqueues a task."""
    return [
        (place, node)
        for place, node in parse()
        if isinstance(node, ast.Call) and name_of(node.func) in ENQUEUEING
    ]


@ddt.ddt
class TableTest(SimpleTestCase):
    def test_every_step_has_a_line(self) -> None:
        self.assertEqual(set(FOLLOWS), set(Step))

    def test_every_line_has_consequences(self) -> None:
        self.assertEqual([step for step, following in FOLLOWS.items() if not following], [])

    def test_every_task_that_is_enqueued_is_there_and_takes_its_arguments(self) -> None:
        calls = list_enqueued()
        self.assertGreater(len(calls), len(ENQUEUEING))
        for place, call in calls:
            with self.subTest(place=place):
                [name] = call.args
                assert isinstance(name, ast.Constant), place
                task = current_app.tasks[f"{TASKS}.{name.value}"]
                given = {keyword.arg: None for keyword in call.keywords}
                inspect.signature(task.run).bind(**given)  # raises TypeError

    @ddt.data(*INTERFACES)
    def test_an_interface_enqueues_and_announces_nothing(self, folder: str) -> None:
        found = [
            place
            for place, node in parse(folder)
            if (isinstance(node, ast.Call) and name_of(node.func) in FORBIDDEN)
            or (isinstance(node, ast.alias) and node.name.rpartition(".")[2] in FORBIDDEN)
        ]
        self.assertEqual(found, [])

    def test_no_function_is_told_whom_to_tell(self) -> None:
        found = [
            place for place, node in parse() if isinstance(node, ast.arg) and node.arg == "tell"
        ]
        self.assertEqual(found, [])
