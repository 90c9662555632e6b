"""TokenType, Account, AccountMember and Wallet: whose tokens of which type."""

from __future__ import annotations

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from django_countries.fields import CountryField
from simple_history.models import HistoricalRecords


class TokenType(models.Model):
    """A kind of token, such as Gold. ``name`` is the label of prices: "3 Gold".

    ``unit_price`` is what buyers are told that one token costs, in ``currency``; None: agreed upon.

    .. no_pii:
    """

    name = models.CharField(
        _("name"), max_length=64, unique=True, help_text=_("Shown with prices, as in “3 Gold”.")
    )
    description = models.TextField(
        _("description"), blank=True, help_text=_("Printed on invoices.")
    )
    redemption_days = models.PositiveIntegerField(
        _("redemption period"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(36_500)],
        help_text=_("Days from issue to expiry. Empty: tokens of this type never expire."),
    )
    unit_price = models.DecimalField(
        _("price per token"),
        max_digits=13,
        decimal_places=3,
        null=True,
        blank=True,
        validators=[MinValueValidator(0)],
        help_text=_("Without tax; shown to buyers who request tokens. Empty: agreed upon."),
    )
    currency = models.CharField(
        _("currency"), max_length=3, blank=True, help_text=_("Of the price: GBP, EUR, USD…")
    )
    is_archived = models.BooleanField(
        _("archived"),
        default=False,
        help_text=_("No new issues and no new prices. What accounts hold stays spendable."),
    )
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("token type")
        verbose_name_plural = _("token types")
        ordering = ("name",)
        constraints = (
            models.CheckConstraint(
                condition=models.Q(unit_price__isnull=True)
                | (models.Q(unit_price__gte=0) & ~models.Q(currency="")),
                name="token_payments_type_price_has_currency",
            ),
        )

    def __str__(self) -> str:
        return self.name


class Account(models.Model):
    """An organisation that pre-pays. ``reference`` is the customer's number in other systems.

    .. pii: The billing address is an organisation's, and may name a person
    .. pii_types: name, email_address
    .. pii_retirement: local_api
    """

    name = models.CharField(_("name"), max_length=255, unique=True)
    reference = models.CharField(
        _("customer number"), max_length=64, null=True, blank=True, unique=True
    )
    billing_name = models.CharField(_("billed to"), max_length=255, blank=True)
    billing_street = models.TextField(_("street"), max_length=500, blank=True)
    billing_postcode = models.CharField(_("postcode"), max_length=32, blank=True)
    billing_city = models.CharField(_("town or city"), max_length=128, blank=True)
    billing_region = models.CharField(_("county or state"), max_length=128, blank=True)
    billing_country = CountryField(verbose_name=_("country"), blank=True)
    is_frozen = models.BooleanField(
        _("frozen"),
        default=False,
        help_text=_("Nothing can be issued or spent. All stays visible."),
    )
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("account")
        verbose_name_plural = _("accounts")
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class AccountRole(models.TextChoices):
    MEMBER = "member", _("Member")
    MANAGER = "manager", _("Manager")


class AccountMember(models.Model):
    """Somebody who may spend an account's tokens, and as a manager look after it.

    ``address_known`` is False for who was added by user name: managers aren't told the address.

    .. no_pii:
    """

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="members")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="token_accounts",
        verbose_name=_("user"),
    )
    role = models.CharField(
        _("role"), max_length=8, choices=AccountRole.choices, default=AccountRole.MEMBER
    )
    address_known = models.BooleanField(default=True, db_default=True, editable=False)
    history = HistoricalRecords(excluded_fields=["address_known"])

    class Meta:
        verbose_name = _("account member")
        verbose_name_plural = _("account members")
        constraints = (
            models.UniqueConstraint(
                fields=("account", "user"), name="token_payments_member_unique"
            ),
        )

    def __str__(self) -> str:
        return f"{self.account_id} · {self.user_id} · {self.role}"


class Wallet(models.Model):
    """An account's tokens of one type; the balance is the sum over its issues, nowhere stored.

    Below ``low_balance`` the account's managers are told, or ``low_balance_emails`` (a line each)
    if there are any; ``low_since`` is when that was, None once the balance is higher again.

    .. pii: Whom to tell of a low balance
    .. pii_types: email_address
    .. pii_retirement: local_api
    """

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="wallets")
    token_type = models.ForeignKey(TokenType, on_delete=models.PROTECT, related_name="wallets")

    low_balance = models.PositiveIntegerField(
        _("tell when fewer are left than"), null=True, blank=True
    )
    low_balance_emails = models.TextField(_("tell these addresses"), max_length=1000, blank=True)
    low_since = models.DateTimeField(null=True, editable=False)

    class Meta:
        verbose_name = _("wallet")
        verbose_name_plural = _("wallets")
        constraints = (
            models.UniqueConstraint(
                fields=("account", "token_type"), name="token_payments_wallet_unique"
            ),
        )
        indexes = (models.Index(fields=("low_balance",), name="token_payments_wallet_low"),)

    def __str__(self) -> str:
        return f"{self.account} · {self.token_type}"
