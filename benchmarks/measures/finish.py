"""The whole of Finish on the mini LMS, against the LMS's own bare enrolment."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import uuid4

from crum import set_current_request
from django.conf import settings
from django.db import transaction
from django.test import RequestFactory, override_settings
from edx_django_utils.cache import RequestCache
from opaque_keys.edx.keys import CourseKey

from benchmarks.clients import MakeOperation, Operation, UsedUp
from benchmarks.duel import OURS, PEER, Contender, Run
from benchmarks.measures.codes import find_share
from benchmarks.stock import PRICE, Stock
from token_payments.checkout import operations as checkout_operations
from token_payments.models import CatalogueItem

HOST = "token_payments.hosts.edxapp.EdxappHost"
#: Pays for the item as a learner, in the learner's own request; made anew for each client.
MakePay = Callable[[Stock, CatalogueItem], Callable[[Any], object]]


def use_edxapp_host() -> override_settings:
    """A context in which the plugin knows the mini LMS, by the adapter that ships."""
    ours = getattr(settings, "TOKEN_PAYMENTS", {})
    return override_settings(TOKEN_PAYMENTS={**ours, "HOST": HOST})


def measure(run: Run) -> None:
    with use_edxapp_host():
        for method, make_pay in (("wallet", _pay_from_wallet), ("code", _pay_by_code)):
            contenders = [
                Contender(PEER, "bare CourseEnrollment.enroll", _prepare_bare(run.stock)),
                Contender(OURS, f"whole Finish, {method}", _prepare_finish(run.stock, make_pay)),
            ]
            rows = run.duel(contenders, clients=1)
            slower = 1 / (rows[OURS].ratio_to_peer or 1e-9)
            run.report.judge(
                f"whole Finish, {method}: time per enrolment",
                "≤ 1.5 × bare enrolment",
                f"{slower:.2f} ×",
                is_met=slower <= 1.5,
            )


def make_paid_item(stock: Stock) -> CatalogueItem:
    """An item for a course that the mini LMS has."""
    return stock.make_item(item_key=str(make_course()))


def _prepare_bare(stock: Stock) -> Callable[[int], MakeOperation]:
    """The LMS as it is without the plugin: no step of ours in its filters."""

    def prepare(clients: int) -> MakeOperation:
        course = make_course()

        def enrol(learner: Any) -> None:
            from common.djangoapps.student.models import CourseEnrollment

            with transaction.atomic(), override_settings(OPEN_EDX_FILTERS_CONFIG={}):
                CourseEnrollment.enroll(learner, course, mode="verified", check_access=True)

        return _make(stock, clients, enrol)

    return prepare


def _prepare_finish(stock: Stock, make_pay: MakePay) -> Callable[[int], MakeOperation]:
    def prepare(clients: int) -> MakeOperation:
        return _make(stock, clients, make_pay(stock, make_paid_item(stock)))

    return prepare


def _make(stock: Stock, clients: int, enrol: Callable[[Any], object]) -> MakeOperation:
    def make(client: int) -> Operation:
        learners = iter(stock.share_of(client, clients))
        request: Any = RequestFactory().post("/token-payments/finish")

        def operate() -> None:
            learner = next(learners, None)
            if learner is None:
                raise UsedUp
            # As in a request of the learner: the gate has to look, and no cache is warm.
            request.user = learner
            set_current_request(request)
            RequestCache.clear_all_namespaces()
            enrol(learner)

        return operate

    return make


def _pay_from_wallet(stock: Stock, item: CatalogueItem) -> Callable[[Any], object]:
    wallet = stock.hot_wallet
    return lambda learner: _redeem(
        stock, learner, item, "wallet", {"wallet": str(wallet.pk), "tokens": str(PRICE)}
    )


def _pay_by_code(stock: Stock, item: CatalogueItem) -> Callable[[Any], object]:
    from token_payments.orders import codes

    quantity = find_share(stock, 1)
    order = stock.make_order(item, quantity)
    own = codes.derive_codes(
        key_name=order.code_key, order=order.uuid, serials=range(1, quantity + 1)
    )
    hashes = iter(list(codes.hash_codes(own, key_name=order.code_key)))
    return lambda learner: _redeem(stock, learner, item, "token_code", {"hashes": next(hashes)})


def _redeem(
    stock: Stock, learner: Any, item: CatalogueItem, method: str, reference: dict[str, str]
) -> object:
    return checkout_operations.redeem(
        learner=learner,
        item_key=item.item_key,
        method=method,
        reference=reference,
        idempotency_key=uuid4().hex,
        now=stock.now,
    )


def make_course() -> CourseKey:
    """A course of the mini LMS with one paid mode."""
    from common.djangoapps.course_modes.models import CourseMode
    from openedx.core.djangoapps.content.course_overviews.models import CourseOverview

    key = CourseKey.from_string(f"course-v1:Bench+{uuid4().hex}+2026")
    course = CourseOverview.objects.create(id=key, display_name="Bench")
    CourseMode.objects.create(
        course=course,
        mode_slug="verified",
        mode_display_name="Verified",
        min_price=149,
        currency="gbp",
    )
    return key
