"""Steps of an order's log, in words."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import QuerySet
from django.utils import formats, timezone

from token_payments import conf
from token_payments.hosts import host, list_name_relations
from token_payments.orders.models import TokenOrder, TokenOrderAction, TokenOrderLogEntry


@dataclass(frozen=True)
class LogLine:
    """An entry as somebody may read it; ``with_detail`` tells whether that is for its reader."""

    entry: TokenOrderLogEntry
    with_detail: bool = True

    @property
    def actor(self) -> str:
        """Empty where no person acted."""
        return host.get_full_name(self.entry.actor) if self.entry.actor else ""

    @property
    def time(self) -> str:
        """Of day, in the site's zone."""
        local = timezone.localtime(self.entry.created_at, conf.time_zone())
        return str(formats.time_format(local, "H:i"))

    @property
    def detail(self) -> str:
        """The entry's detail for people: of a change the labels of the fields that it names."""
        if not self.with_detail or self.entry.action != TokenOrderAction.CHANGED:
            return self.entry.detail if self.with_detail else ""
        labels = {field.name: str(field.verbose_name) for field in TokenOrder._meta.fields}
        return ", ".join(labels.get(part, part) for part in self.entry.detail.split(", "))


def list_log(order: TokenOrder) -> QuerySet[TokenOrderLogEntry]:
    """The newest first, with the names of who acted."""
    return order.log.select_related(*list_name_relations("actor"))
