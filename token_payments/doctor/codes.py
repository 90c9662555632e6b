"""Codes and redemptions: a redeemed code has one payment that counts, and the other way round."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from functools import partial

from django.db.models import Exists, OuterRef
from django.utils.translation import gettext

from token_payments.doctor.findings import Finding, Repair, walk
from token_payments.doctor.redemptions import name_redemption
from token_payments.doctor.repairs import mark_redeemed
from token_payments.models import CodeStatus, Redemption, TokenCode


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
