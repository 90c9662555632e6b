"""Fills the demo with all that the plugin has: items, orders, wallets; after `seed_host`."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.core.management.base import BaseCommand, CommandParser
from django.db import transaction
from django.utils import timezone
from opaque_keys.edx.keys import CourseKey

from lms.djangoapps.demo import buyers, data
from lms.djangoapps.demo.wallets import STORY, seed_types, seed_wallets
from token_payments.assignments import operations as assignment_operations
from token_payments.catalogue import operations as catalogue_operations
from token_payments.checkout import operations as checkout_operations
from token_payments.l10n.dates import end_of_day
from token_payments.models import CatalogueItem, EnrolmentSettings, TokenOrder, TokenType
from token_payments.orders import operations as order_operations
from token_payments.orders import queries as order_queries
from token_payments.outbox.steps import quietly

PARTS = {
    data.OPERATOR: "superuser: sees and may do everything",
    data.COURSE_ADMIN: "course admin: makes and processes token orders",
    data.BUYER: f"buyer of token orders; member of {data.HOMES}",
    data.MANAGER: f"manager of {data.HOMES}",
    data.LEARNER1: f"learner, member of {data.HOMES}",
    data.LEARNER2: f"learner, member of {data.HOMES} and of {data.CHARITY}",
    data.LEARNER3: f"learner and manager of {data.CHARITY}",
    data.STRANGER: "somebody who has nothing to do with it",
}
PERMISSIONS = (
    "add_tokenorder",
    "change_tokenorder",
    "view_tokenorder",
    "view_catalogueitem",
    "view_tokencode",
    "view_tokenordercancellation",
    "view_tokenorderlogentry",
    "view_redemption",
    "view_account",
    "view_tokenissue",
    "view_tokentype",
)
PROCESSED = "INV-2026-0117"  # the invoice number of the order that has been processed
REDEEMERS = ("filler1", "filler2", "filler3")


class Command(BaseCommand):
    help = "Fills the demo with catalogue items, token orders and wallets; safe to run again."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--log-ins", action="store_true", help="only print who can sign in")

    def handle(self, *args: Any, log_ins: bool, **options: Any) -> None:
        if not log_ins:
            with quietly(), transaction.atomic():
                seed_all()
        self.stdout.write(f"{describe_people()}\n\n{buyers.STORY}\n\n{STORY}")


def seed_all() -> None:
    seed_settings()
    seed_types()
    seed_items()
    seed_permissions()
    seed_processed_order()
    seed_distribution()
    seed_requested_order()
    seed_wallets(now=timezone.now())


def seed_settings() -> None:
    current = EnrolmentSettings.current()
    if not current.pk:
        EnrolmentSettings.objects.create(
            enabled=True, override_allowed=True, changed_by=_user(data.OPERATOR)
        )


def seed_items() -> None:
    for course in data.COURSES:
        key = str(course.key)
        if CatalogueItem.objects.filter(item_key=key).exists():
            continue
        paid = course.paid_mode is not None
        methods = ["token_code"] if paid and course.takes_codes else []
        methods += ["wallet"] if course.tokens else []
        item = CatalogueItem(item_key=key, enrolment_method="paid" if paid else "free")
        prices = {TokenType.objects.get(name=name): number for name, number in course.tokens}
        catalogue_operations.save_item(item, methods=methods, token_prices=prices)


def seed_permissions() -> None:
    """What lets a course admin work with orders, and leaves the settings alone."""
    wanted = Permission.objects.filter(
        content_type__app_label="token_payments", codename__in=PERMISSIONS
    )
    _user(data.COURSE_ADMIN).user_permissions.add(*wanted)


def seed_processed_order() -> None:
    """25 codes, of which three are used and two were taken back."""
    if TokenOrder.objects.filter(invoice_number=PROCESSED).exists():
        return
    admin, ordered = _user(data.COURSE_ADMIN), timezone.now() - timedelta(days=9)
    order = _build_order(data.PAID_KEY, quantity=25, invoice_number=PROCESSED)
    order.purchase_order = "PO-88213"
    order.redeem_by = end_of_day(date(ordered.year + 1, 12, 31))
    order_operations.request_order(order, actor=admin, now=ordered)
    order_operations.start_processing(order.pk, actor=admin, now=ordered)
    order_operations.generate(order.pk, clock=lambda: ordered)
    order.refresh_from_db()
    for username, (code, _) in zip(REDEEMERS, order_queries.iterate_codes(order), strict=False):
        checkout_operations.redeem(
            learner=_user(username),
            item_key=order.item.item_key,
            method="token_code",
            reference={"hashes": code.code_hash},
            idempotency_key=f"demo-code-{code.serial}",
            now=ordered + timedelta(days=1),
        )
    assignment_operations.cancel_unused(
        order.pk,
        quantity=2,
        refund_amount=order_queries.suggest_refund(order, 2) or Decimal(0),
        actor=admin,
        idempotency_key="demo-cancellation",
        now=ordered + timedelta(days=2),
        reason="Two people left the team",
    )


def seed_distribution() -> None:
    order = TokenOrder.objects.get(invoice_number=PROCESSED)
    buyers.seed_distribution(order, now=timezone.now())


def seed_requested_order() -> None:
    number = "INV-2026-0118"
    if not TokenOrder.objects.filter(invoice_number=number).exists():
        order = _build_order(data.COHORTED_KEY, quantity=12, invoice_number=number)
        order.group_name = data.COHORT_NAMES[0]
        order_operations.request_order(order, actor=_user(data.BUYER), now=timezone.now())


def describe_people() -> str:
    """Who can sign in, as a table for the terminal."""
    rows = [f"  {name:<14}{data.PEOPLE[name]:<17}{part}" for name, part in PARTS.items()]
    return "\n".join([f'Sign in as one of these; the password is "{data.PASSWORD}":', "", *rows])


def _build_order(key: CourseKey, *, quantity: int, invoice_number: str) -> TokenOrder:
    return TokenOrder(
        buyer=_user(data.BUYER),
        item=CatalogueItem.objects.get(item_key=str(key)),
        quantity=quantity,
        invoice_number=invoice_number,
        billing_name="Harbour Logistics Ltd",
        billing_street="14 Quayside",
        billing_postcode="NE1 3DX",
        billing_city="Newcastle upon Tyne",
        billing_country="GB",
    )


def _user(username: str) -> Any:
    return get_user_model().objects.get(username=username)
