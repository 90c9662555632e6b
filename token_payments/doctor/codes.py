"""Codes and redemptions: a redeemed code has one payment that counts, and the other way round."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from functools import partial

from django.db.models import Count, Exists, Min, OuterRef, Q
from django.utils.translation import gettext

from token_payments.doctor.findings import Finding, Repair, walk
from token_payments.doctor.redemptions import name_redemption
from token_payments.doctor.repairs import mark_redeemed
from token_payments.errors import ConfigurationError
from token_payments.models import CodeStatus, OrderStatus, Redemption, TokenCode, TokenOrder
from token_payments.orders import queries as order_queries
from token_payments.orders.codes import derive_codes


def list_redeemed_without_redemption(_now: datetime) -> Iterator[Finding]:
    """A redeemed code has a live redemption; a unique constraint sees to it that it is one."""
    paid = Exists(Redemption.objects.filter(code=OuterRef("pk"), live=True))
    for codes in walk(TokenCode.objects.all()):
        for code in codes.filter(~paid, status=CodeStatus.REDEEMED).select_related("order"):
            yield Finding(
                name_code(code), gettext("The code is redeemed, but no payment was made with it.")
            )


def list_redemptions_of_unredeemed_codes(_now: datetime) -> Iterator[Finding]:
    """A live redemption's code is redeemed."""
    for redemptions in walk(Redemption.objects.filter(code__isnull=False)):
        wrong = redemptions.filter(live=True).exclude(code__status=CodeStatus.REDEEMED)
        for redemption in wrong.select_related("code__order"):
            assert redemption.code is not None
            yield _describe(redemption, redemption.code)


def _describe(redemption: Redemption, code: TokenCode) -> Finding:
    number = name_code(code)
    if code.status == CodeStatus.CANCELLED:
        return Finding(
            name_redemption(redemption),
            gettext("It was paid with the %(code)s, which is cancelled.") % {"code": number},
            advice=gettext(
                "Either the learner has the course or the buyer the refund. Ask the buyer, then "
                "have the enrolment taken back or the refund corrected."
            ),
        )
    what = gettext("mark the %(code)s as redeemed") % {"code": number}
    return Finding(
        name_redemption(redemption),
        gettext("It was paid with the %(code)s, which is still available.") % {"code": number},
        advice=gettext("Run the repair: the payment proves that the code is used."),
        repair=Repair(what, partial(mark_redeemed, code.pk)),
    )


def name_code(code: TokenCode) -> str:
    return gettext("code %(serial)s of order %(order)s, ending in %(last_four)s") % {
        "serial": code.serial,
        "order": code.order.number,
        "last_four": code.last_four,
    }


def list_unusable_keys(_now: datetime) -> Iterator[Finding]:
    """For every key that available codes were made with, the settings have that very key."""
    available = TokenCode.objects.filter(order=OuterRef("pk"), status=CodeStatus.AVAILABLE)
    in_use = Q(status=OrderStatus.PROCESSING) | Q(Exists(available), status=OrderStatus.PROCESSED)
    keys = (
        TokenOrder.objects.filter(in_use)
        .exclude(code_key="")
        .order_by()
        .values("code_key")
        .annotate(first=Min("id"), orders=Count("id"))
    )
    for row in keys:
        order = TokenOrder.objects.get(pk=row["first"])
        try:
            list(derive_codes(key_name=order.code_key, order=order.uuid, serials=[1]))
            order_queries.check_key(order)
        except ConfigurationError as error:
            yield Finding(
                gettext("key “%(name)s”") % {"name": row["code_key"]},
                gettext(
                    "The codes of %(number)s orders, from %(order)s on, can neither be redeemed "
                    "nor shown: %(error)s."
                )
                % {"number": row["orders"], "order": order.number, "error": error},
                advice=gettext(
                    'Put the key back into TOKEN_PAYMENTS["CODE_KEYS"] of the LMS and its '
                    "workers, from where you keep a copy. Without it these codes are lost: cancel "
                    "them and make new ones."
                ),
            )
