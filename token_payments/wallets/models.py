"""TokenType, Account, AccountMember, Wallet, TokenIssue and the ledger."""

from __future__ import annotations

from typing import Any, NoReturn

from config_models.models import ConfigurationModel
from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from django_countries.fields import CountryField
from simple_history.models import HistoricalRecords

from token_payments.errors import LedgerIsAppendOnly

MAX_ISSUE = 10_000_000
MAX_REMAINING = 2_147_483_647  # what every database takes for the column


class TokenSettings(ConfigurationModel):
    """The site's switches for wallets. Every change is a new row with its author and time.

    .. no_pii:
    """

    cache_timeout = 60  # seconds; a change by another process is seen after so long at the latest

    enabled = models.BooleanField(default=True, editable=False)  # config_models' own; unused here
    manual_issues_allowed = models.BooleanField(
        _("Allow Manual Raising of Issues"),
        default=True,
        help_text=_("Off: tokens are issued by processing a token order, and in no other way."),
    )
    adjustments_allowed = models.BooleanField(
        _("Allow Adjustments to Token Issues"),
        default=True,
        help_text=_(
            "Off: balances change by orders, their cancellation, redemptions and reversals only."
        ),
    )

    class Meta:
        verbose_name = _("training token settings")
        verbose_name_plural = _("training token settings")


class TokenType(models.Model):
    """A kind of token, such as Gold. ``name`` is the label of prices: "3 Gold".

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
    is_archived = models.BooleanField(
        _("archived"),
        default=False,
        help_text=_("No new issues and no new prices. What accounts hold stays spendable."),
    )
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("token type")
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class Account(models.Model):
    """An organisation that pre-pays. ``reference`` is the customer's number in other systems.

    .. pii: The billing address may be a person's
    .. pii_types: name, location
    .. pii_retirement: retained
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
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class AccountRole(models.TextChoices):
    MEMBER = "member", _("Member")
    MANAGER = "manager", _("Manager")


class AccountMember(models.Model):
    """Somebody who may spend an account's tokens, and as a manager look after it.

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
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("account member")
        constraints = (
            models.UniqueConstraint(
                fields=("account", "user"), name="token_payments_member_unique"
            ),
        )

    def __str__(self) -> str:
        return f"{self.account_id} · {self.user_id} · {self.role}"


class Wallet(models.Model):
    """An account's tokens of one type; the balance is the sum over its issues, nowhere stored.

    .. no_pii:
    """

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="wallets")
    token_type = models.ForeignKey(TokenType, on_delete=models.PROTECT, related_name="wallets")

    class Meta:
        verbose_name = _("wallet")
        constraints = (
            models.UniqueConstraint(
                fields=("account", "token_type"), name="token_payments_wallet_unique"
            ),
        )

    def __str__(self) -> str:
        return f"{self.account} · {self.token_type}"


class IssueSource(models.TextChoices):
    MANUAL = "manual", _("Raised by hand")
    ORDER = "order", _("Token order")
    REFUND = "refund", _("Refund")
    TRANSFER = "transfer", _("Transfer")


class TokenIssue(models.Model):
    """Tokens that were raised together, usable in [issued_at, expires_at); None never expires.

    ``remaining`` is what the entries of the issue add up to. ``unit_price`` is money per token.

    .. no_pii:
    """

    wallet = models.ForeignKey(
        Wallet,
        on_delete=models.PROTECT,
        db_index=False,  # an index of three begins with it
        related_name="issues",
    )
    quantity = models.PositiveIntegerField(
        _("tokens"), validators=[MinValueValidator(1), MaxValueValidator(MAX_ISSUE)]
    )
    remaining = models.PositiveIntegerField(_("remaining"))
    issued_at = models.DateTimeField(_("issued"))
    expires_at = models.DateTimeField(_("expires"), null=True, blank=True)
    source = models.CharField(_("source"), max_length=8, choices=IssueSource.choices)
    reference = models.CharField(_("reference"), max_length=128, blank=True)
    unit_price = models.DecimalField(
        _("price per token"), max_digits=13, decimal_places=3, null=True, blank=True
    )
    currency = models.CharField(_("currency"), max_length=3, blank=True)
    idempotency_key = models.CharField(max_length=64, unique=True)

    class Meta:
        verbose_name = _("token issue")
        ordering = ("-id",)
        constraints = (
            models.CheckConstraint(
                condition=models.Q(remaining__gte=0), name="token_payments_issue_not_overdrawn"
            ),
            models.CheckConstraint(
                condition=models.Q(quantity__gte=1) & models.Q(quantity__lte=MAX_ISSUE),
                name="token_payments_issue_quantity_in_range",
            ),
            models.CheckConstraint(
                condition=models.Q(expires_at__isnull=True)
                | models.Q(expires_at__gt=models.F("issued_at")),
                name="token_payments_issue_expires_after_issue",
            ),
        )
        indexes = (
            models.Index(
                fields=("wallet", "expires_at", "issued_at"), name="token_payments_issue_burn"
            ),
            models.Index(fields=("expires_at",), name="token_payments_issue_expiry"),
        )

    def __str__(self) -> str:
        return f"{self.wallet}: {self.remaining}/{self.quantity}"

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise LedgerIsAppendOnly(str(self))


class EntryKind(models.TextChoices):
    """Why tokens came or went. The sign of an entry's amount follows its kind."""

    ISSUE = "issue", _("Issued")
    DEBIT = "debit", _("Spent")
    REVERSAL = "reversal", _("Given back")
    EXPIRY = "expiry", _("Expired")
    ADJUSTMENT_UP = "adjust_up", _("Adjusted up")
    ADJUSTMENT_DOWN = "adjust_down", _("Adjusted down")
    CANCELLATION = "cancel", _("Cancelled")
    EXTENSION = "extension", _("Expiry extended")


POSITIVE = (EntryKind.ISSUE, EntryKind.REVERSAL, EntryKind.ADJUSTMENT_UP)
NEGATIVE = (
    EntryKind.DEBIT,
    EntryKind.EXPIRY,
    EntryKind.ADJUSTMENT_DOWN,
    EntryKind.CANCELLATION,
)


class LedgerQuerySet(models.QuerySet["LedgerEntry"]):
    """Rows can be added and read."""

    def update(self, **kwargs: Any) -> NoReturn:
        raise LedgerIsAppendOnly("update")

    def bulk_create(
        self, objs: Any, batch_size: int | None = None, *conflicts: Any, **named: Any
    ) -> Any:
        if any(conflicts) or any(named.values()):
            raise LedgerIsAppendOnly("bulk_create")
        return super().bulk_create(objs, batch_size)

    def bulk_update(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise LedgerIsAppendOnly("bulk_update")

    def delete(self) -> NoReturn:
        raise LedgerIsAppendOnly("delete")


class LedgerEntry(models.Model):
    """One change of an issue's remaining tokens; only ever added.

    ``redemption`` is what a debit paid for, or what a reversal gave back. The column ``issue`` has
    no foreign key in the database: on InnoDB its check would lock the issue's row shared, and two
    debits of one wallet would then wait for each other. ``idempotency_key`` is None where the
    operation has another natural key. ``expires_from`` and ``expires_to`` are an extension's, which
    moves no tokens; None for ``expires_to`` is never.

    .. pii: The reason may name a person
    .. pii_types: other
    .. pii_retirement: retained
    """

    issue = models.ForeignKey(
        TokenIssue, on_delete=models.PROTECT, related_name="entries", db_constraint=False
    )
    kind = models.CharField(_("what"), max_length=12, choices=EntryKind.choices)
    amount = models.IntegerField(_("tokens"))
    redemption = models.ForeignKey(
        "token_payments.Redemption",
        on_delete=models.PROTECT,
        null=True,
        related_name="entries",
        db_constraint=False,
    )
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("by"),
    )
    reason = models.CharField(_("reason"), max_length=255, blank=True)
    expires_from = models.DateTimeField(null=True)
    expires_to = models.DateTimeField(null=True)
    idempotency_key = models.CharField(max_length=64, null=True, unique=True)
    created_at = models.DateTimeField(_("time"))

    objects = LedgerQuerySet.as_manager()

    class Meta:
        verbose_name = _("ledger entry")
        verbose_name_plural = _("ledger entries")
        ordering = ("-id",)
        base_manager_name = "objects"  # what related managers write through, too
        constraints = (
            models.CheckConstraint(
                condition=models.Q(kind__in=POSITIVE, amount__gt=0)
                | models.Q(kind__in=NEGATIVE, amount__lt=0)
                | models.Q(kind=EntryKind.EXTENSION, amount=0),
                name="token_payments_entry_sign_follows_kind",
            ),
            models.CheckConstraint(
                condition=models.Q(kind=EntryKind.EXTENSION, expires_from__isnull=False)
                | models.Q(
                    ~models.Q(kind=EntryKind.EXTENSION),
                    expires_from__isnull=True,
                    expires_to__isnull=True,
                ),
                name="token_payments_entry_extension_from_when",
            ),
        )

    def __str__(self) -> str:
        return f"{self.issue_id}: {self.kind} {self.amount:+d}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise LedgerIsAppendOnly(str(self))
        # or a row with the number of another one would be written over that one
        super().save(*args, **kwargs | {"force_insert": True})

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise LedgerIsAppendOnly(str(self))
