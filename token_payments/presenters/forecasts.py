"""The forecast in a sentence, for pages and the admin alike."""

from __future__ import annotations

from django.utils.translation import gettext, ngettext

from token_payments.l10n.formats import format_day, format_number
from token_payments.wallets.forecast import LEAST, Forecast
from token_payments.wallets.models import TokenType

SHOWN = 3  # days on which something expires unused, before "later"


def describe_forecast(forecast: Forecast, token_type: TokenType) -> str:
    """A wallet's forecast: tokens that will expire unused, and when; or why it isn't known."""
    if not forecast.expiring:
        return gettext("None of these tokens expires.")
    if forecast.is_early:
        text = ngettext(
            "It is too early to say what will expire unused: come back in %(days)s day.",
            "It is too early to say what will expire unused: come back in %(days)s days.",
            LEAST - forecast.days,
        )
        return text % {"days": LEAST - forecast.days}
    facts = {
        "days": forecast.days,
        "lost": format_number(forecast.lost),
        "available": format_number(forecast.available),
        "type": token_type.name,
        "when": _list_days(forecast),
    }
    if not forecast.spent and forecast.lost == forecast.available:
        text = gettext(
            "Nothing was spent in the last %(days)s days. If that stays so, all %(available)s "
            "%(type)s will expire unused: %(when)s."
        )
    elif not forecast.spent:
        text = gettext(
            "Nothing was spent in the last %(days)s days. If that stays so, %(lost)s of "
            "%(available)s %(type)s will expire unused: %(when)s."
        )
    elif forecast.lost:
        text = gettext(
            "At the pace of the last %(days)s days, %(lost)s of %(available)s %(type)s will "
            "expire unused: %(when)s."
        )
    else:
        text = gettext(
            "At the pace of the last %(days)s days, all %(type)s that expire will be spent in time."
        )
    return text % facts


def _list_days(forecast: Forecast) -> str:
    """E.g. 12 on 3 March 2027, 4 on 1 April 2027."""
    shown, later = forecast.unused[:SHOWN], forecast.unused[SHOWN:]
    parts = [
        gettext("%(tokens)s on %(day)s")
        % {"tokens": format_number(row.tokens), "day": format_day(row.last)}
        for row in shown
    ]
    if later:
        number = format_number(sum(row.tokens for row in later))
        parts.append(gettext("%(tokens)s later") % {"tokens": number})
    return gettext(", ").join(parts)
