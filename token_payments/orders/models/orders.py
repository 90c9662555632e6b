"""TokenOrder: codes for a course, or tokens for an account's wallet, that somebody buys."""

from __future__ import annotations

import uuid
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _
from django_countries.fields import CountryField

from token_payments.catalogue.models import CatalogueItem
from token_payments.l10n.formats import count_decimals
from token_payments.wallets.models import MAX_ISSUE, Account, TokenIssue, TokenType

MAX_QUANTITY = 1_000_000  # codes; of wallet tokens MAX_ISSUE


#: Countries that write the postcode behind the town; the others have it before.
POSTCODE_AFTER_TOWN = frozenset(
    ["AU", "BR", "CA", "GB", "HK", "IE", "IN", "JP", "KR", "NZ", "PH", "SG", "TH", "US", "ZA"]
)


class OrderKind(models.TextChoices):
    """The kind of an order: codes for a course, or tokens for an account's wallet."""

    CODES = "codes", _("Token Codes")
    WALLET = "wallet", _("Wallet tokens")


class OrderStatus(models.TextChoices):
    REQUESTED = "requested", _("Requested")
    PROCESSING = "processing", _("Processing")
    PROCESSED = "processed", _("Processed")
    CANCELLED = "cancelled", pgettext_lazy("order", "Cancelled")


class TokenOrder(models.Model):
    """A number of Token Codes for an item, or of tokens of a type for an account's wallet.

    ``uuid`` is what the codes are derived from, ``code_key`` the name of the operator's key for it.
    ``redeem_by`` is the instant from which what was ordered can't be used any more: the end of the
    local day that a person chose. None: codes have no limit, and of wallet tokens the type's
    redemption period decides. ``unit_price`` is what one code or token cost when it was ordered.
    ``issue`` holds the wallet tokens of a processed order. ``account`` is where wallet tokens go;
    a code order may name one too: its managers look after the order. ``note`` is the buyer's,
    ``decline_reason`` the course admin's. ``tax_rate`` is in percent, on top of ``unit_price``.

    .. pii: The billing address may be a person's, and the note and the refusal may name somebody.
        What became an invoice keeps its address for INVOICE_YEARS.
    .. pii_types: name, location, other
    .. pii_retirement: local_api, retained
    """

    uuid = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(
        _("kind"), max_length=6, choices=OrderKind.choices, default=OrderKind.CODES
    )
    status = models.CharField(
        _("status"), max_length=10, choices=OrderStatus.choices, default=OrderStatus.REQUESTED
    )
    buyer = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="token_orders",
        verbose_name=_("buyer"),
    )
    item = models.ForeignKey(
        CatalogueItem,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="token_orders",
        verbose_name=_("course"),
    )
    account = models.ForeignKey(
        Account,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="token_orders",
        verbose_name=_("account"),
    )
    token_type = models.ForeignKey(
        TokenType,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="token_orders",
        verbose_name=_("token type"),
    )
    issue = models.OneToOneField(
        TokenIssue,
        on_delete=models.PROTECT,
        null=True,
        editable=False,
        related_name="order",
        verbose_name=_("token issue"),
    )
    quantity = models.PositiveIntegerField(
        _("number of tokens"), validators=[MinValueValidator(1), MaxValueValidator(MAX_ISSUE)]
    )
    unit_price = models.DecimalField(
        _("price per token"), max_digits=13, decimal_places=3, null=True, blank=True
    )
    currency = models.CharField(_("currency"), max_length=3, blank=True)
    invoice_number = models.CharField(
        _("invoice number"), max_length=64, null=True, blank=True, unique=True
    )
    purchase_order = models.CharField(
        _("customer purchase order"), max_length=64, null=True, blank=True, unique=True
    )
    billing_name = models.CharField(_("billed to"), max_length=255)
    billing_street = models.TextField(_("street"), max_length=500)
    billing_postcode = models.CharField(_("postcode"), max_length=32, blank=True)
    billing_city = models.CharField(_("town or city"), max_length=128)
    billing_region = models.CharField(_("county or state"), max_length=128, blank=True)
    billing_country = CountryField(verbose_name=_("country"))
    group_name = models.CharField(
        _("group"),
        max_length=255,
        blank=True,
        help_text=_("The course's group that learners join when they redeem a token."),
    )
    note = models.TextField(_("note"), max_length=1000, blank=True)
    decline_reason = models.CharField(_("declined since"), max_length=255, blank=True)
    tax_rate = models.DecimalField(
        _("tax rate (%)"),
        max_digits=5,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(0), MaxValueValidator(100)],
    )
    redeem_by = models.DateTimeField(_("redeem by"), null=True, blank=True)
    code_key = models.CharField(max_length=64, blank=True, editable=False)
    created_at = models.DateTimeField(_("created"), editable=False)

    class Meta:
        verbose_name = _("token order")
        verbose_name_plural = _("token orders")
        ordering = ("-id",)
        constraints = (
            models.CheckConstraint(
                condition=models.Q(quantity__gte=1)
                & (
                    models.Q(quantity__lte=MAX_QUANTITY)
                    | models.Q(kind="wallet", quantity__lte=MAX_ISSUE)
                ),
                name="token_payments_order_quantity_in_range",
            ),
            models.CheckConstraint(
                condition=models.Q(
                    kind="codes",
                    item__isnull=False,
                    token_type__isnull=True,
                    issue__isnull=True,
                )
                | models.Q(
                    kind="wallet",
                    item__isnull=True,
                    account__isnull=False,
                    token_type__isnull=False,
                ),
                name="token_payments_order_kind",
            ),
            models.CheckConstraint(
                condition=models.Q(status__in=OrderStatus.values),
                name="token_payments_order_status_known",
            ),
            models.CheckConstraint(
                condition=models.Q(tax_rate__isnull=True)
                | models.Q(tax_rate__gte=0, tax_rate__lte=100),
                name="token_payments_order_tax_rate",
            ),
            models.CheckConstraint(
                condition=models.Q(unit_price__isnull=True) | models.Q(unit_price__gte=0),
                name="token_payments_order_price_not_negative",
            ),
        )
        indexes = (
            models.Index(fields=("status", "id"), name="token_payments_order_status"),
            models.Index(fields=("redeem_by",), name="token_payments_order_redeem"),
        )

    def __str__(self) -> str:
        return self.number

    def clean(self) -> None:
        """Of codes fewer can be ordered than of wallet tokens."""
        if self.kind == OrderKind.CODES and (self.quantity or 0) > MAX_QUANTITY:
            text = gettext("Ensure this value is less than or equal to %(limit_value)s.")
            raise ValidationError({"quantity": text % {"limit_value": MAX_QUANTITY}})

    @property
    def number(self) -> str:
        """The order's number as people write it, e.g. TO-000042."""
        return f"TO-{self.pk:06d}" if self.pk else gettext("new order")

    @property
    def is_for_wallet(self) -> bool:
        return self.kind == OrderKind.WALLET

    @property
    def course(self) -> CatalogueItem:
        """The course that the codes of a code order pay for."""
        assert self.item is not None
        return self.item

    @property
    def subject(self) -> str:
        """The subject of the order: the course, or the type and the account."""
        if self.item is not None:
            return str(self.item.title or self.item.item_key)
        return gettext("%(type)s for %(account)s") % {
            "type": self.token_type,
            "account": self.account,
        }

    @property
    def net_total(self) -> Decimal | None:
        """The order's cost without tax; None when it has no price.

        Rounded half up to the currency's smallest unit, as every amount that somebody pays.
        """
        return None if self.unit_price is None else self.compute_net(self.unit_price, self.quantity)

    @property
    def tax(self) -> Decimal:
        """The tax on ``net_total``, rounded half up to the currency's smallest unit."""
        return self.compute_tax(self.net_total or Decimal(0))

    @property
    def total(self) -> Decimal | None:
        """The price that the buyer pays, tax included; None when the order has no price."""
        return None if self.net_total is None else self.net_total + self.tax

    def compute_net(self, unit_price: Decimal, quantity: int) -> Decimal:
        """The cost of so many without tax, rounded half up."""
        return self._round(unit_price * quantity)

    def compute_tax(self, amount: Decimal) -> Decimal:
        """The tax on an amount of this order, rounded half up."""
        return self._round(amount * (self.tax_rate or 0) / 100)

    def _round(self, amount: Decimal) -> Decimal:
        step = Decimal(1).scaleb(-count_decimals(self.currency))
        return amount.quantize(step, ROUND_HALF_UP)

    @property
    def billing_lines(self) -> list[str]:
        """The billing address as on an envelope, without empty lines."""
        country: Any = self.billing_country  # the field's own class, with the name in this language
        town = [self.billing_postcode, self.billing_city]
        if country.code in POSTCODE_AFTER_TOWN:
            town.reverse()
        street = self.billing_street.splitlines()
        lines = [self.billing_name, *street, " ".join(town), self.billing_region, country.name]
        return [text for text in (" ".join(str(line or "").split()) for line in lines) if text]
