"""Twelve clients at three nodes that all take writes: one wallet, same codes, a node that dies."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.db import InterfaceError, OperationalError, connection

from tests import factories
from tests.cluster.galera import NODES, get_port, kill_node
from tests.concurrency import Outcome, assert_healthy, race
from tests.servers.stage import Stage, assert_books_agree
from token_payments.errors import CodeNotRedeemable
from token_payments.models import AccountMember, LedgerEntry, Redemption, TokenCode

pytestmark = [pytest.mark.cluster, pytest.mark.django_db(transaction=True)]

CLIENTS = 12
COURSE = "course-v1:Cluster+C1+2026"


def use_node(number: int) -> None:
    """From now on this thread's connection is to that node, and sees what was committed before."""
    connection.close()
    connection.settings_dict = {**connection.settings_dict, "PORT": str(get_port(number))}
    with connection.cursor() as cursor:
        cursor.execute("SET SESSION wsrep_sync_wait = 1")


def race_on_all_nodes(work: Callable[[int], Any]) -> Outcome:
    def make(number: int) -> Callable[[], Any]:
        def run() -> Any:
            use_node(number)
            return work(number)

        return run

    return race([make(number) for number in range(CLIENTS)])


def assert_healthy_everywhere(nodes: int = NODES) -> None:
    def look(number: int) -> Callable[[], None]:
        def run() -> None:
            use_node(number)
            if LedgerEntry.objects.exists():
                assert_books_agree()
            assert_healthy()

        return run

    assert race([look(number) for number in range(nodes)]).errors == []


def add_members(stage: Stage, count: int) -> list[Any]:
    people = [factories.make_user(f"client{number}") for number in range(count)]
    AccountMember.objects.bulk_create(
        AccountMember(account=stage.account, user=person) for person in people
    )
    return people


def test_one_wallet_and_no_error_reaches_a_learner() -> None:
    stage = Stage()
    stage.issue(200)
    people = add_members(stage, CLIENTS * 8)

    def pay(number: int) -> int:
        mine = [(person, item) for person in people[number::CLIENTS] for item in stage.items[:2]]
        return len([stage.pay(person, item) for person, item in mine])

    outcome = race_on_all_nodes(pay)
    assert outcome.errors == []
    assert sum(outcome.results) == CLIENTS * 16
    assert Redemption.objects.filter(live=True).count() == CLIENTS * 16
    assert_healthy_everywhere()


def test_the_same_codes() -> None:
    item = factories.make_shop(COURSE, modes={"verified": 149})
    order = factories.make_order(item, buyer=factories.make_user("buyer"), quantity=20)
    factories.process(order)
    codes = factories.list_codes(order)
    learners = [factories.make_user(f"learner{number}") for number in range(CLIENTS)]

    def redeem(number: int) -> int:
        """Every code of all, until one is one's own."""
        for code in codes[:6]:
            try:
                factories.redeem(learners[number], item, code)
            except (CodeNotRedeemable, AssertionError):  # the form sees that it is used
                continue
            return 1
        return 0

    outcome = race_on_all_nodes(redeem)
    assert outcome.errors == []
    assert sum(outcome.results) == 6
    assert TokenCode.objects.filter(status="redeemed").count() == 6
    assert_healthy_everywhere()


def test_a_node_dies_and_its_clients_come_back_with_their_keys_elsewhere() -> None:
    """The last test: afterwards there are two nodes."""
    stage = Stage()
    stage.issue(200)
    people = add_members(stage, CLIENTS * 4)
    dead = NODES - 1

    def pay(number: int) -> int:
        for turn, person in enumerate(people[number::CLIENTS]):
            if number == 0 and turn == 1:
                kill_node(dead)
            key = uuid4().hex
            try:
                stage.pay(person, idempotency_key=key)
            except (OperationalError, InterfaceError):
                assert number % NODES == dead
                use_node(0)
                stage.pay(person, idempotency_key=key)
        return 4

    outcome = race_on_all_nodes(pay)
    assert outcome.errors == []
    assert Redemption.objects.filter(live=True).count() == CLIENTS * 4
    assert_healthy_everywhere(nodes=dead)
