"""Filters of lists: values that no database can take are refused, never passed on."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy as _
from django_filters import rest_framework as filters
from django_filters.fields import IsoDateTimeField

from token_payments.rest_api.v1.fields import FIRST_YEAR, LAST_YEAR


class InstantFormField(IsoDateTimeField):
    """ISO 8601 with a zone."""

    def to_python(self, value: Any) -> datetime | None:
        if value in self.empty_values:
            return None
        try:
            instant = parse_datetime(str(value))
            if instant is not None and instant.tzinfo and FIRST_YEAR <= instant.year <= LAST_YEAR:
                return instant.astimezone(UTC)
        except (OverflowError, ValueError):
            pass
        raise ValidationError(_("Enter an instant such as 2026-11-27T09:30:00Z."))


class InstantFilter(filters.IsoDateTimeFilter):
    field_class = InstantFormField


class IdFilter(filters.NumberFilter):
    """The id of something related."""

    field_class = forms.IntegerField

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, min_value=1, max_value=2**53 - 1, **kwargs)

    def get_max_validator(self) -> None:
        """The field has a limit of its own."""
