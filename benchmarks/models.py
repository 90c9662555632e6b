"""The two tables of the raw limit and of the Django floor: no more than a debit needs at least."""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class Lot(models.Model):
    """So many units left.

    .. no_pii:
    """

    remaining = models.IntegerField()

    objects: ClassVar[models.Manager[Lot]] = models.Manager()

    class Meta:
        app_label = "benchmarks"

    def __str__(self) -> str:
        return str(self.remaining)


class Entry(models.Model):
    """Units taken from a lot.

    .. no_pii:
    """

    lot = models.ForeignKey(Lot, on_delete=models.CASCADE, db_constraint=False)
    amount = models.IntegerField()
    created_at = models.DateTimeField()

    objects: ClassVar[models.Manager[Entry]] = models.Manager()

    class Meta:
        app_label = "benchmarks"

    def __str__(self) -> str:
        return str(self.amount)
