"""How values are written: instants with their zone, money as decimal strings."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from babel.numbers import list_currencies
from django.utils.translation import gettext_lazy as _
from django_countries import countries
from rest_framework import serializers

DECIMALS = 2
FIRST_YEAR, LAST_YEAR = 1970, 9998  # what every database takes, in any zone


class InstantField(serializers.DateTimeField):
    """ISO 8601 with a zone, written in UTC."""

    default_error_messages = {
        "zone": _("Say in which zone: end it with Z or an offset such as +01:00."),
        "range": _("This is too far away."),
    }

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(default_timezone=UTC, **kwargs)

    def enforce_timezone(self, value: datetime) -> datetime:
        if value.tzinfo is None:
            self.fail("zone")
        if not FIRST_YEAR <= value.year <= LAST_YEAR:
            self.fail("range")
        return value.astimezone(UTC)

    def to_representation(self, value: Any) -> Any:
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z") if value else None


class MoneyField(serializers.DecimalField):
    """An amount as a string with two or three decimals: "149.00", "0.125"."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs = {"max_digits": 13, "decimal_places": 3, "min_value": Decimal(0), **kwargs}
        super().__init__(coerce_to_string=True, **kwargs)

    def to_representation(self, value: Any) -> Any:
        amount = Decimal(value)
        is_fine = amount != round(amount, DECIMALS)
        return f"{amount:.3f}" if is_fine else f"{amount:.2f}"


class CurrencyField(serializers.CharField):
    """Three letters of ISO 4217, in upper case; "" for none."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=3, allow_blank=True, **kwargs)

    def to_internal_value(self, data: Any) -> str:
        value = str(super().to_internal_value(data)).upper()
        if value and value not in list_currencies():
            raise serializers.ValidationError(_("This is no currency of ISO 4217."))
        return value


class CountryField(serializers.CharField):
    """Two letters of ISO 3166, in upper case."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=2, help_text="ISO 3166, two letters.", **kwargs)

    def to_internal_value(self, data: Any) -> str:
        value = str(super().to_internal_value(data)).upper()
        if value and value not in countries:
            raise serializers.ValidationError(_("This is no country of ISO 3166."))
        return value


class IdField(serializers.IntegerField):
    """The id of something: what isn't there, or isn't the user's to see, is told as such."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(min_value=1, max_value=2**53 - 1, **kwargs)
