"""How far a payment walks: the functions that one Finish with a Token Code enters.

The plugin runs in the mini LMS under the settings of the tests, in a database that only memory
has. Three learners pay; the third is watched, since the first ones make SQL and fill caches. Mails
follow the commit at once, as the settings of the tests have it, and belong to the walk.
"""

from __future__ import annotations

import logging
import os
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

from scripts.measures.source import Figure, count

REPOSITORY = Path(__file__).resolve().parents[2]
COURSE = "course-v1:Acme+Fire+2026"
LEARNERS = 3
KEY = re.compile(r'name="idempotency_key" value="([^"]+)"')

#: Where a function is, and its name: without the number of the line, and once for all copies.
Function = tuple[str, str]


@dataclass
class Walk:
    """What was entered, and the calls from one function of the package to another."""

    package: Path
    functions: set[Function] = field(default_factory=set)
    calls: set[tuple[Function, Function]] = field(default_factory=set)

    def watch(self, frame: FrameType, event: str, _argument: Any) -> None:
        """For ``sys.setprofile``."""
        if event != "call":
            return
        called = self._name(frame.f_code)
        if called is None:
            return
        self.functions.add(called)
        caller = self._find_caller(frame)
        if caller is not None:
            self.calls.add((caller, called))

    def list_functions(self) -> Figure:
        """Distinct functions and methods of the package that are entered.

        Lambdas and comprehensions don't count: from Python 3.12 on a comprehension isn't entered.
        """
        return count(sorted(f"{file}:{name}" for file, name in self.functions))

    def list_switches(self) -> Figure:
        """Distinct pairs of a function and one that it calls in another package of the top shelf.

        The caller is the nearest function of the package on the stack, whatever Django, the host or
        Celery do in between. A pair counts once, however often it is called.
        """
        pairs = [pair for pair in self.calls if _get_shelf(pair[0]) != _get_shelf(pair[1])]
        return count(sorted(f"{a[0]}:{a[1]} -> {b[0]}:{b[1]}" for a, b in pairs))

    def _find_caller(self, frame: FrameType) -> Function | None:
        above = frame.f_back
        while above is not None:
            caller = self._name(above.f_code)
            if caller is not None:
                return caller
            above = above.f_back
        return None

    def _name(self, code: CodeType) -> Function | None:
        """None for what isn't a function of the package."""
        file = code.co_filename
        is_named = not code.co_name.startswith("<")
        if not is_named or not file.startswith(f"{self.package}{os.sep}") or "/migrations/" in file:
            return None
        return str(Path(file).relative_to(self.package)), code.co_qualname


def walk(package: Path) -> Walk:
    """Let the learners pay, and watch the last of them."""
    _set_django_up()
    pay = list(_prepare())
    for pay_first in pay[:-1]:
        pay_first()
    watched = Walk(package)
    pay[-1](watched)
    return watched


def _get_shelf(function: Function) -> str:
    return Path(function[0]).parts[0].removesuffix(".py")


def _set_django_up() -> None:
    for name in [name for name in os.environ if name.startswith("MINI_LMS_")]:
        del os.environ[name]
    os.environ["DJANGO_SETTINGS_MODULE"] = "lms.envs.test"
    sys.path[:0] = [str(REPOSITORY / "mini_lms"), str(REPOSITORY)]
    import django
    from django.test.utils import setup_test_environment

    logging.disable(logging.WARNING)
    django.setup()
    setup_test_environment()
    from django.db import connection

    connection.creation.create_test_db(verbosity=0, serialize=False)


def _prepare() -> Iterator[Any]:
    """A function for each learner, who stands before Finish then."""
    from tests import factories

    factories.allow_paid()
    factories.make_course(COURSE)
    buyer = factories.make_user("buyer")
    order = factories.make_processed_order(
        factories.make_item(COURSE), buyer=buyer, quantity=LEARNERS
    )
    for number, code in enumerate(factories.list_codes(order)):
        yield _prepare_learner(factories.make_user(f"learner{number}"), code)


def _prepare_learner(learner: Any, code: str) -> Any:
    from django.test import Client
    from django.urls import reverse

    def find(page: str) -> str:
        return reverse(f"token_payments:{page}", kwargs={"item_key": COURSE})

    client = Client()
    client.force_login(learner)
    client.post(find("checkout"), {"method": "token_code", "token_code-code": code})
    found = KEY.search(client.get(find("review")).content.decode())
    assert found is not None

    def pay(watched: Walk | None = None) -> None:
        sys.setprofile(watched.watch if watched else None)
        try:
            response: Any = client.post(find("finish"), {"idempotency_key": found[1]})
        finally:
            sys.setprofile(None)
        assert "/receipt/" in response["Location"], response["Location"]

    return pay
