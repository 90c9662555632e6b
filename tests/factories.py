"""What tests need of the host and of the plugin, made by the operations that people use."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.contrib.auth import get_user_model
from django.utils import timezone
from edx_django_utils.cache import RequestCache

from tests.enqueued import unheard
from token_payments.catalogue import operations as catalogue_operations
from token_payments.catalogue import queries as catalogue_queries
from token_payments.checkout import operations as checkout_operations
from token_payments.models import (
    Account,
    AccountMember,
    AccountRole,
    CatalogueItem,
    EnrolmentSettings,
    OrderKind,
    Redemption,
    TokenIssue,
    TokenOrder,
    TokenType,
    Wallet,
)
from token_payments.orders import operations as order_operations
from token_payments.orders import queries as order_queries
from token_payments.wallets import operations as wallet_operations

PASSWORD = "password"
MIXED: Mapping[str, int] = {"audit": 0, "verified": 149}
ADDRESS = {
    "billing_name": "Acme Ltd",
    "billing_street": "1 High Street",
    "billing_postcode": "SW1A 1AA",
    "billing_city": "London",
    "billing_country": "GB",
}


def make_user(username: str, *, name: str = "", **fields: Any) -> Any:
    """A user with the profile that the host wants, and PASSWORD."""
    from common.djangoapps.student.models import UserProfile

    fields = {"email": f"{username}@example.com", "password": PASSWORD, **fields}
    user = get_user_model().objects.create_user(username, **fields)
    UserProfile.objects.create(user=user, name=name or username.title())
    return user


def make_course(
    key: str, *, modes: Mapping[str, int] = MIXED, currency: str = "gbp", **overview: Any
) -> Any:
    """A course of the host; ``modes`` has the price of each mode by its slug."""
    from opaque_keys.edx.keys import CourseKey

    from common.djangoapps.course_modes.models import CourseMode
    from openedx.core.djangoapps.content.course_overviews.models import CourseOverview

    overview = {"display_name": "Fire Safety", **overview}
    course = CourseOverview.objects.create(id=CourseKey.from_string(key), **overview)
    for slug, price in modes.items():
        CourseMode.objects.create(
            course=course,
            mode_slug=slug,
            mode_display_name=slug.title(),
            min_price=price,
            currency=currency,
        )
    return course


def make_item(
    course_key: str,
    *,
    price: Decimal | int | None = None,
    methods: Collection[str] = ("token_code",),
    token_prices: Mapping[TokenType, int] | None = None,
    **fields: Any,
) -> CatalogueItem:
    """A paid catalogue item for a course that exists; without ``price`` the host's counts."""
    fields = {"enrolment_method": "paid", "currency": "GBP" if price is not None else "", **fields}
    item = CatalogueItem(
        item_key=course_key, price=None if price is None else Decimal(price), **fields
    )
    return catalogue_operations.save_item(item, methods=methods, token_prices=token_prices)


def make_shop(
    course_key: str,
    *,
    modes: Mapping[str, int] = MIXED,
    course: Mapping[str, Any] | None = None,
    **item: Any,
) -> CatalogueItem:
    """Paid self-enrolment is on, and one course is sold: its item, made as ``make_item`` does."""
    allow_paid()
    make_course(course_key, modes=modes, **(course or {}))
    return make_item(course_key, **item)


def allow_paid(**fields: Any) -> EnrolmentSettings:
    """Switch paid self-enrolment on, with the override per item."""
    fields = {"enabled": True, "override_allowed": True, **fields}
    settings: EnrolmentSettings = EnrolmentSettings.objects.create(**fields)
    return settings


@unheard
def make_order(
    item: CatalogueItem,
    *,
    buyer: Any,
    quantity: int = 3,
    now: datetime | None = None,
    **fields: Any,
) -> TokenOrder:
    """A requested order by ``buyer``."""
    order = TokenOrder(item=item, buyer=buyer, quantity=quantity, **{**ADDRESS, **fields})
    return order_operations.request_order(order, actor=buyer, now=now or timezone.now())


@unheard
def process(order: TokenOrder) -> TokenOrder:
    """Make the order's codes; returns it as it is then."""
    order_operations.start_processing(order.pk, actor=order.buyer, now=timezone.now())
    order_operations.generate(order.pk, clock=timezone.now)
    order.refresh_from_db()
    return order


def make_processed_order(
    item: CatalogueItem, *, buyer: Any, quantity: int = 3, **fields: Any
) -> TokenOrder:
    return process(make_order(item, buyer=buyer, quantity=quantity, **fields))


def list_codes(order: TokenOrder) -> list[str]:
    """The order's codes as people write them, by serial."""
    return [code for _, code in order_queries.iterate_codes(order)]


@unheard
def redeem(learner: Any, item: CatalogueItem, code: str, **arguments: Any) -> Redemption:
    """Pay for the item with the code, as Finish does."""
    from token_payments.checkout.payment_methods import get_method

    method = get_method("token_code")
    offer = catalogue_queries.get_offer(item.item_key)
    form = method.make_form(offer, learner=learner, now=timezone.now(), data={"code": code})
    assert form.is_valid(), form.errors
    arguments = {
        "idempotency_key": uuid.uuid4().hex,
        "now": timezone.now(),
        "reference": method.get_reference(form.cleaned_data),
        **arguments,
    }
    return checkout_operations.redeem(
        learner=learner, item_key=item.item_key, method="token_code", **arguments
    )


def key(course_key: str) -> Any:
    """The host's own key object."""
    from opaque_keys.edx.keys import CourseKey

    return CourseKey.from_string(course_key)


def make_group(course_key: str, name: str) -> None:
    """A group of the course, which divides its learners from now on."""
    from openedx.core.djangoapps.course_groups.cohorts import add_cohort
    from openedx.core.djangoapps.course_groups.models import CourseCohortsSettings

    CourseCohortsSettings.objects.update_or_create(
        course_id=key(course_key), defaults={"is_cohorted": True}
    )
    add_cohort(key(course_key), name, "manual")


def group_of(user: Any, course_key: str) -> str | None:
    """The name of the group that the user is in."""
    from openedx.core.djangoapps.course_groups.cohorts import get_cohort

    cohort = get_cohort(user, key(course_key), assign=False)
    return cohort.name if cohort else None


def change_course(course_key: str, **overview: Any) -> None:
    """Change the host's course, e.g. enrollment_end or max_student_enrollments_allowed."""
    from openedx.core.djangoapps.content.course_overviews.models import CourseOverview

    CourseOverview.objects.filter(id=key(course_key)).update(**overview)
    RequestCache.clear_all_namespaces()  # the host keeps courses for the length of a request


def find_user(username: str) -> Any:
    return get_user_model().objects.get(username=username)


def make_type(name: str = "Gold", *, days: int | None = None) -> TokenType:
    return TokenType.objects.create(name=name, redemption_days=days)


def make_account(
    name: str = "Acme", *, members: Collection[Any] = (), managers: Collection[Any] = ()
) -> Account:
    """An account; ``members`` may spend its tokens, ``managers`` pay for members as well."""
    account = Account.objects.create(name=name)
    roles = {AccountRole.MEMBER: members, AccountRole.MANAGER: managers}
    for role, users in roles.items():
        for user in users:
            AccountMember.objects.create(account=account, user=user, role=role)
    return account


def issue_tokens(
    account: Account, token_type: TokenType, quantity: int, **fields: Any
) -> TokenIssue:
    """Tokens raised by hand; ``now`` and ``expires_at`` as given."""
    fields = {"actor": None, "idempotency_key": uuid.uuid4().hex, "now": timezone.now(), **fields}
    return wallet_operations.raise_issue(
        account=account, token_type=token_type, quantity=quantity, **fields
    )


def find_wallet(account: Account, token_type: TokenType) -> Wallet:
    return Wallet.objects.get_or_create(account=account, token_type=token_type)[0]


@unheard
def pay(learner: Any, item: CatalogueItem, wallet: Wallet, **arguments: Any) -> Redemption:
    """Pay for the item from the wallet, at the price of the day unless ``reference`` has one."""
    arguments = {
        "reference": {"wallet": str(wallet.pk)},
        "idempotency_key": uuid.uuid4().hex,
        "now": timezone.now(),
        **arguments,
    }
    return checkout_operations.redeem(
        learner=learner, item_key=item.item_key, method="wallet", **arguments
    )


@unheard
def make_wallet_order(
    account: Account,
    token_type: TokenType,
    *,
    buyer: Any,
    quantity: int = 10,
    now: datetime | None = None,
    **fields: Any,
) -> TokenOrder:
    """A requested order by ``buyer`` of tokens for the account's wallet."""
    order = TokenOrder(
        kind=OrderKind.WALLET,
        account=account,
        token_type=token_type,
        buyer=buyer,
        quantity=quantity,
        **{**ADDRESS, **fields},
    )
    return order_operations.request_order(order, actor=buyer, now=now or timezone.now())
