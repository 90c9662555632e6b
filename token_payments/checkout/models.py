"""Redemption: one payment for one enrolment."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from token_payments.catalogue.models import CatalogueItem
from token_payments.orders.models import TokenCode
from token_payments.wallets.models import Wallet


class RedemptionState(models.TextChoices):
    RESERVED = "reserved", _("Reserved")
    COMPLETED = "completed", _("Completed")
    REVERSED = "reversed", _("Reversed")


class GroupState(models.TextChoices):
    """The state of placing the learner in the order's group."""

    NONE = "none", _("No group")
    PENDING = "pending", _("Not yet placed")
    PLACED = "placed", _("Placed")
    FAILED = "failed", _("Could not be placed")


class GroupProblem(models.TextChoices):
    """Why a learner could not be placed."""

    MISSING = "missing", _("The course has no such group")
    REFUSED = "refused", _("The platform refused it")
    BROKEN = "broken", _("An error: see the site's log")


class Redemption(models.Model):
    """One payment for one enrolment.

    ``live`` is True while the redemption counts (reserved or completed) and NULL once it is
    reversed: unique constraints over it hold for live rows only, on every database, since NULLs
    never collide. ``price`` is the money value of the seat when it was paid, None for an item
    that is priced in tokens alone. ``code`` paid for it, or so many ``tokens`` of ``wallet``.
    ``left_at`` is when the enrolment was seen to have ended, None while it hasn't;
    ``missing_since`` when the sweep found that the platform has none at all, None while it has.
    ``reversed_by`` is None where no person acted: a policy. ``group_tries`` counts attempts to
    place the learner, the last at ``group_tried_at``, which failed for ``group_problem``.

    .. pii: The reason may name a person
    .. pii_types: other
    .. pii_retirement: local_api
    """

    uuid = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    state = models.CharField(
        _("state"),
        max_length=10,
        choices=RedemptionState.choices,
        default=RedemptionState.RESERVED,
    )
    live = models.BooleanField(null=True, default=True)
    learner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        db_index=False,  # a unique constraint begins with it
        related_name="token_redemptions",
        verbose_name=_("learner"),
    )
    item = models.ForeignKey(
        CatalogueItem,
        on_delete=models.PROTECT,
        db_index=False,  # an index of two begins with it
        related_name="redemptions",
        verbose_name=_("catalogue item"),
    )
    method = models.CharField(_("payment method"), max_length=32)
    code = models.ForeignKey(
        TokenCode,
        on_delete=models.PROTECT,
        db_index=False,  # a unique constraint begins with it
        null=True,
        blank=True,
        related_name="redemptions",
        verbose_name=_("token code"),
    )
    wallet = models.ForeignKey(
        Wallet,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="redemptions",
        verbose_name=_("wallet"),
    )
    tokens = models.PositiveIntegerField(_("tokens"), null=True, blank=True)
    mode = models.CharField(_("course mode"), max_length=100)
    price = models.DecimalField(_("price"), max_digits=13, decimal_places=3, null=True, blank=True)
    currency = models.CharField(_("currency"), max_length=3, blank=True)
    group_name = models.CharField(_("group"), max_length=255, blank=True)
    group_state = models.CharField(
        _("group placement"), max_length=8, choices=GroupState.choices, default=GroupState.NONE
    )
    group_tries = models.PositiveSmallIntegerField(_("tries"), default=0)
    group_tried_at = models.DateTimeField(_("last try"), null=True, blank=True)
    group_problem = models.CharField(
        _("last problem"), max_length=8, choices=GroupProblem.choices, blank=True
    )
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("by")
    )
    idempotency_key = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(_("created"))
    completed_at = models.DateTimeField(_("completed"), null=True, blank=True)
    left_at = models.DateTimeField(_("left the course"), null=True, blank=True)
    missing_since = models.DateTimeField(_("not enrolled since"), null=True, blank=True)
    reversed_at = models.DateTimeField(_("reversed"), null=True, blank=True)
    reversed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("reversed by"),
    )
    reversal_reason = models.CharField(_("reason"), max_length=255, blank=True)

    class Meta:
        verbose_name = _("redemption")
        verbose_name_plural = _("redemptions")
        ordering = ("-id",)
        constraints = (
            models.UniqueConstraint(
                fields=("code", "live"), name="token_payments_redemption_code_once"
            ),
            models.UniqueConstraint(
                fields=("learner", "item", "live"), name="token_payments_redemption_learner_once"
            ),
            models.CheckConstraint(
                condition=models.Q(live=True, state__in=("reserved", "completed"))
                | models.Q(live__isnull=True, state="reversed"),
                name="token_payments_redemption_live_or_reversed",
            ),
            models.CheckConstraint(
                condition=models.Q(wallet__isnull=True, tokens__isnull=True)
                | models.Q(wallet__isnull=False, tokens__gte=1, code__isnull=True),
                name="token_payments_redemption_wallet_tokens",
            ),
            models.CheckConstraint(
                condition=models.Q(price__isnull=True) | models.Q(price__gte=0),
                name="token_payments_redemption_price",
            ),
            models.CheckConstraint(
                condition=models.Q(group_state__in=GroupState.values),
                name="token_payments_redemption_group_known",
            ),
            models.CheckConstraint(
                condition=models.Q(state="reversed", reversed_at__isnull=False)
                | models.Q(~models.Q(state="reversed"), reversed_at__isnull=True),
                name="token_payments_redemption_reversed_at",
            ),
            models.CheckConstraint(
                condition=models.Q(completed_at__isnull=False) | models.Q(state="reserved"),
                name="token_payments_redemption_completed_at",
            ),
        )
        indexes = (
            models.Index(fields=("item", "live"), name="token_payments_redemption_item"),
            models.Index(
                fields=("group_state", "group_tries"), name="token_payments_group_waiting"
            ),
        )

    def __str__(self) -> str:
        return f"#{self.pk}"


class RedemptionAction(models.TextChoices):
    ENROLLED_AGAIN = "enrolled", _("Enrolled again")


class RedemptionLogEntry(models.Model):
    """An action on a payment that its own columns don't tell; only ever added.

    .. pii: The reason may name a person
    .. pii_types: other
    .. pii_retirement: local_api
    """

    redemption = models.ForeignKey(Redemption, on_delete=models.PROTECT, related_name="log")
    action = models.CharField(_("what"), max_length=8, choices=RedemptionAction.choices)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("by")
    )
    reason = models.CharField(_("reason"), max_length=255, blank=True)
    created_at = models.DateTimeField(_("time"))

    class Meta:
        verbose_name = _("redemption log entry")
        verbose_name_plural = _("redemption log entries")
        ordering = ("-id",)

    def __str__(self) -> str:
        return f"{self.redemption_id}: {self.action}"
