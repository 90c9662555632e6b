"""What docs/python-api.md shows runs as it stands."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests import factories
from token_payments.models import Redemption

PAGE = Path(__file__).parents[1] / "docs" / "python-api.md"
BLOCK = re.compile(r"```python\n(.*?)```", re.DOTALL)
COURSE = "course-v1:Acme+PYTHON+2026"


@pytest.mark.django_db(transaction=True)
def test_every_recipe_works_as_it_stands(capsys: pytest.CaptureFixture[str]) -> None:
    factories.make_shop(COURSE, modes={"professional": 149})
    learner = factories.make_user("learner")
    names = {"course": COURSE, "learner": learner, "staff": factories.make_user("staff")}

    for block in BLOCK.findall(PAGE.read_text()):
        exec(block, names)

    states = Redemption.objects.order_by("id").values_list("learner", "method", "state")
    assert list(states) == [
        (learner.pk, "wallet", "reversed"),
        (learner.pk, "token_code", "completed"),
    ]
    printed = capsys.readouterr().out.splitlines()
    assert [line.rsplit(" ", 2)[1:] for line in printed] == [["3", "10"], ["-3", "7"], ["10", "10"]]
