"""A redemption by wallet through the REST API, and pages of its lists, behind gunicorn.

Everything that a program's request goes through is in it: JWT, permissions, throttles, the
idempotency key, the payment, the mini LMS's enrolment, the answer as JSON.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

from django.contrib.auth import get_user_model
from django.db.models import Model, QuerySet

from benchmarks.clients import MakeOperation, Operation, UsedUp
from benchmarks.duel import FLOOR, OURS, PEER, Contender, Run
from benchmarks.measures.finish import make_course, make_paid_item, use_edxapp_host
from benchmarks.measures.growth import add_history
from benchmarks.server import Client, is_installed, serve, sign_in
from benchmarks.stock import Stock
from token_payments.models import LedgerEntry, Redemption

API = "/token-payments/api/v1"
BARE, ENROLLING = "bare DRF view, 2 statements", "the same with a bare enrolment"
PAYMENT = "redemption by API, one hot wallet"
READER = "bench_reader"
PAGE = 50
FAR, NEAR = 10_000, 1_000  # pages
APART = 1.25

#: A request of one learner, and what its body is.
Ask = Callable[[Client, str], object]


def measure(run: Run) -> None:
    if run.database == "sqlite":
        run.report.notes.append("http is measured on PostgreSQL and MariaDB")
        return
    if not is_installed():
        run.report.notes.append("gunicorn is not installed: make bench installs it")
        return
    with serve() as port:
        with use_edxapp_host():
            _measure_payments(run, port)
        _measure_pages(run, port)


def _measure_payments(run: Run, port: int) -> None:
    stock = run.stock
    tokens = {learner.pk: sign_in(learner.username) for learner in stock.learners}

    def prepare(make_ask: Callable[[Stock], Ask]) -> Callable[[int], MakeOperation]:
        return lambda clients: _share_out(stock, tokens, port, clients, make_ask(stock))

    contenders = [
        Contender(PEER, BARE, prepare(_ask_bare), is_ours_to_count=False),
        Contender(FLOOR, ENROLLING, prepare(_ask_enrolling), is_ours_to_count=False),
        Contender(OURS, PAYMENT, prepare(_ask_payment), is_ours_to_count=False),
    ]
    for clients in run.effort.clients:
        row = run.duel(contenders, clients=clients)[OURS]
        run.report.judge(
            f"{PAYMENT}, {clients} clients: errors",
            "none",
            str(row.errors),
            is_met=not row.errors,
        )


def _share_out(
    stock: Stock, tokens: dict[int, str], port: int, clients: int, ask: Ask
) -> MakeOperation:
    """Each client asks in the name of its own learners, one after the other."""

    def make(client: int) -> Operation:
        learners = iter(stock.share_of(client, clients))
        connection = Client(port)

        def operate() -> None:
            learner = next(learners, None)
            if learner is None:
                raise UsedUp
            ask(connection, tokens[learner.pk])

        return operate

    return make


def _ask_bare(stock: Stock) -> Ask:
    body = {"lot": stock.lots[0]}
    return lambda client, token: client.ask("POST", "/bare", token, body)


def _ask_enrolling(stock: Stock) -> Ask:
    body = {"lot": stock.lots[0], "course": str(make_course())}
    return lambda client, token: client.ask("POST", "/bare-enrolling", token, body)


def _ask_payment(stock: Stock) -> Ask:
    item = make_paid_item(stock)
    body = {"item_key": item.item_key, "wallet": stock.hot_wallet.pk}

    def ask(client: Client, token: str) -> object:
        key = {"Idempotency-Key": uuid4().hex}
        return client.ask("POST", f"{API}/redemptions/", token, body, **key)

    return ask


def _measure_pages(run: Run, port: int) -> None:
    """The first page and one far behind it, in turns."""
    page = NEAR if run.effort.is_quick else FAR
    add_history(run, PAGE * page)
    users = get_user_model().objects
    reader = users.filter(username=READER).first() or users.create_superuser(READER)
    token = sign_in(reader.username)
    wallet = run.stock.hot_wallet
    entries = LedgerEntry.objects.filter(issue__wallet=wallet)
    for name, address, rows in (
        ("list of redemptions", f"{API}/redemptions/", Redemption.objects.all()),
        ("statement", f"{API}/wallets/{wallet.pk}/statement/", entries),
    ):
        far = f"{address}?{urlencode({'cursor': _write_cursor(rows, PAGE * (page - 1))})}"
        contenders = [
            Contender(role, f"{name}, {words}", _prepare_page(port, token, url), False)
            for role, words, url in (
                (PEER, "first page", address),
                (OURS, f"page {page:,}", far),
            )
        ]
        ratio = run.duel(contenders, clients=1)[OURS].ratio_to_peer or 1e-9
        apart = max(ratio, 1 / ratio)
        run.report.judge(
            f"{name}: page {page:,} and the first one",
            f"≤ {APART} × apart",
            f"{apart:.2f} ×",
            is_met=apart <= APART,
        )


def _prepare_page(port: int, token: str, url: str) -> Callable[[int], MakeOperation]:
    def make(_client: int) -> Operation:
        connection = Client(port)

        def operate() -> None:
            found = connection.ask("GET", url, token)
            assert len(found["results"]) == PAGE, f"{len(found['results'])} rows"

        return operate

    return lambda _clients: make


def _write_cursor(rows: QuerySet[Any, Model], behind: int) -> str:
    """The cursor that DRF writes behind so many rows, the newest first."""
    last = rows.order_by("-pk").values_list("pk", flat=True)[behind - 1]
    return b64encode(urlencode({"p": str(last)}).encode()).decode()
