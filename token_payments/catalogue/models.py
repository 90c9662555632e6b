"""CatalogueItem and the site's switches for self-enrolment."""

from __future__ import annotations

from config_models.models import ConfigurationModel
from django.core.validators import MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from token_payments.wallets.models import TokenType

TOKEN_CODE_METHOD = "token_code"  # noqa: S105 (the payment method that codes are ordered for)
WALLET_METHOD = "wallet"  # the payment method that needs token prices, and no price in money


class EnrolmentMethod(models.TextChoices):
    """How an item is self-enrolled, as the site has it."""

    FREE = "free", _("Self-enrolment (Free)")
    PAID = "paid", _("Self-enrolment (Paid)")


class ItemEnrolmentMethod(models.TextChoices):
    """How an item is self-enrolled, as the item has it."""

    DEFAULT = "default", _("Site default")
    FREE = "free", _("Self-enrolment (Free)")
    PAID = "paid", _("Self-enrolment (Paid)")


class UnenrolmentPolicy(models.TextChoices):
    """The site's rule on giving back the payment of a learner who leaves a course."""

    NEVER = "never", _("Never")
    UNTIL_START = "until_start", _("Until the course starts")
    WITHIN_DAYS = "within_days", _("Within some days of enrolment or the course's start")
    STAFF_ONLY = "staff_only", _("By staff only")


class ItemUnenrolmentPolicy(models.TextChoices):
    """The same, as an item has it."""

    DEFAULT = "default", _("Site default")
    NEVER = UnenrolmentPolicy.NEVER.value, UnenrolmentPolicy.NEVER.label
    UNTIL_START = UnenrolmentPolicy.UNTIL_START.value, UnenrolmentPolicy.UNTIL_START.label
    WITHIN_DAYS = UnenrolmentPolicy.WITHIN_DAYS.value, UnenrolmentPolicy.WITHIN_DAYS.label
    STAFF_ONLY = UnenrolmentPolicy.STAFF_ONLY.value, UnenrolmentPolicy.STAFF_ONLY.label


class CodeReversal(models.TextChoices):
    """The outcome for a code whose payment is reversed."""

    SAME_LEARNER = "same_learner", _("The same learner can use it again")
    NEW_FOR_BUYER = "new_for_buyer", _("It is replaced by a new one for the buyer")


class EnrolmentSettings(ConfigurationModel):
    """The site's Self Enrolment Settings. Every change is a new row with its author and time.

    .. no_pii:
    """

    cache_timeout = 60  # seconds; a change by another process is seen after so long at the latest

    enabled = models.BooleanField(
        _("Self-enrolment (Paid)"),
        default=False,
        help_text=_("Learners may pay for catalogue items. Off: paid items can't be joined."),
    )
    override_allowed = models.BooleanField(
        _("Allow Enrolment Method override per Catalogue Item"),
        default=False,
        help_text=_(
            "Off: every catalogue item follows the default below, whatever it says itself."
        ),
    )
    default_method = models.CharField(
        _("default enrolment method"),
        max_length=8,
        choices=EnrolmentMethod.choices,
        default=EnrolmentMethod.FREE,
    )

    unenrolment_policy = models.CharField(
        _("give back when a learner leaves"),
        max_length=12,
        choices=UnenrolmentPolicy.choices,
        default=UnenrolmentPolicy.WITHIN_DAYS,
        help_text=_("Whether tokens or the code come back when somebody leaves a paid course."),
    )
    unenrolment_days = models.PositiveSmallIntegerField(
        _("days"),
        default=14,
        help_text=_("Counted from the enrolment or the course's start, whichever is later."),
    )
    code_reversal = models.CharField(
        _("a Token Code that is given back"),
        max_length=13,
        choices=CodeReversal.choices,
        default=CodeReversal.SAME_LEARNER,
    )

    class Meta:
        verbose_name = _("Self Enrolment Settings")
        verbose_name_plural = _("Self Enrolment Settings")


class CatalogueItem(models.Model):
    """A course of the host that may be self-enrolled.

    .. no_pii:
    """

    item_key = models.CharField(
        _("course"),
        max_length=255,
        unique=True,
        help_text=_("The course key, e.g. course-v1:Org+Course+Run"),
    )
    title = models.CharField(_("title"), max_length=255, blank=True, editable=False)
    enrolment_method = models.CharField(
        _("enrolment method"),
        max_length=8,
        choices=ItemEnrolmentMethod.choices,
        default=ItemEnrolmentMethod.DEFAULT,
    )
    price = models.DecimalField(
        _("price"),
        max_digits=13,
        decimal_places=3,
        null=True,
        blank=True,
        help_text=_("Per seat. Blank: the price of the course mode."),
    )
    currency = models.CharField(
        _("currency"),
        max_length=3,
        blank=True,
        help_text=_("Three letters (ISO 4217), e.g. GBP. Blank: the currency of the course mode."),
    )
    course_mode = models.CharField(
        _("course mode"),
        max_length=100,
        blank=True,
        help_text=_(
            "The mode that paying learners are enrolled in. Blank: the course's paid mode."
        ),
    )
    seats = models.PositiveIntegerField(
        _("seats"),
        null=True,
        blank=True,
        help_text=_("How many learners may pay for it. Blank: as many as the course takes."),
    )
    unenrolment_policy = models.CharField(
        _("give back when a learner leaves"),
        max_length=12,
        choices=ItemUnenrolmentPolicy.choices,
        default=ItemUnenrolmentPolicy.DEFAULT,
    )
    unenrolment_days = models.PositiveSmallIntegerField(
        _("days"), null=True, blank=True, help_text=_("Blank: as many as the site has.")
    )
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("catalogue item")
        verbose_name_plural = _("catalogue items")
        ordering = ("title", "item_key")
        constraints = (
            models.CheckConstraint(
                condition=models.Q(price__isnull=True) | models.Q(price__gte=0),
                name="token_payments_item_price_not_negative",
            ),
        )

    def __str__(self) -> str:
        return f"{self.title} ({self.item_key})" if self.title else self.item_key


class TokenPrice(models.Model):
    """The price of one seat in tokens of one type; any one of an item's prices pays.

    .. no_pii:
    """

    item = models.ForeignKey(CatalogueItem, on_delete=models.CASCADE, related_name="token_prices")
    token_type = models.ForeignKey(
        TokenType,
        on_delete=models.PROTECT,
        related_name="prices",
        verbose_name=_("token type"),
    )
    quantity = models.PositiveIntegerField(_("tokens"), validators=[MinValueValidator(1)])

    class Meta:
        verbose_name = _("token price")
        verbose_name_plural = _("token prices")
        ordering = ("token_type__name",)
        constraints = (
            models.UniqueConstraint(
                fields=("item", "token_type"), name="token_payments_price_unique"
            ),
            models.CheckConstraint(
                condition=models.Q(quantity__gte=1), name="token_payments_price_positive"
            ),
        )

    def __str__(self) -> str:
        return f"{self.quantity} {self.token_type}"


class CatalogueItemPaymentMethod(models.Model):
    """One of the payment methods that an item takes; ``method`` is a slug of the registry.

    .. no_pii:
    """

    item = models.ForeignKey(
        CatalogueItem, on_delete=models.CASCADE, related_name="payment_methods"
    )
    method = models.CharField(_("payment method"), max_length=32)

    class Meta:
        verbose_name = _("payment method")
        verbose_name_plural = _("payment methods")
        constraints = (
            models.UniqueConstraint(
                fields=("item", "method"), name="token_payments_item_method_unique"
            ),
        )

    def __str__(self) -> str:
        return self.method
