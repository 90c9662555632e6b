"""The filters of the lists: options with a condition each, or one object by its number."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, ClassVar

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest

from token_payments.db.numbers import read_number


class ListFilter(admin.SimpleListFilter):
    """Children have ``options``: by value a label, and what the rows are that it leaves.

    ``all_label`` is the text of the choice without a value, if it isn't *All*.
    """

    options: ClassVar[Mapping[str, tuple[Any, Q]]] = {}
    all_label: ClassVar[Any] = None  # translated lazily

    def list_options(self, request: HttpRequest) -> Iterable[tuple[str, Any]]:
        return [(value, label) for value, (label, _condition) in self.options.items()]

    def get_condition(self, value: str) -> Q:
        """``value`` is "" when nothing is chosen, and may be anything: that leaves all rows."""
        return self.options[value][1] if value in self.options else Q()

    def lookups(
        self, request: HttpRequest, model_admin: admin.ModelAdmin
    ) -> Iterable[tuple[str, Any]]:
        return self.list_options(request)

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(self.get_condition(self.value() or ""))

    def choices(self, changelist: ChangeList) -> Iterator[Any]:
        first, *others = super().choices(changelist)
        yield {**first, "display": self.all_label or first["display"]}
        yield from others


class ObjectFilter(ListFilter):
    """One object of ``model``, chosen by a link; ``path`` leads to it from a row.

    It isn't there before one is chosen: there may be thousands.
    """

    model_class: ClassVar[type[Model]]
    path: ClassVar[str]

    def list_options(self, request: HttpRequest) -> Iterable[tuple[str, Any]]:
        number = read_number(request.GET.get(self.parameter_name or "", ""))
        row = self.model_class._default_manager.filter(pk=number).first() if number else None
        return [(str(row.pk), str(row))] if row else []

    def has_output(self) -> bool:
        """Also for an object that there isn't: its list is empty, not everybody's."""
        return self.value() is not None

    def get_condition(self, value: str) -> Q:
        if self.value() is None:
            return Q()
        number = read_number(value)
        return Q(**{self.path: number}) if number else Q(pk__in=[])
