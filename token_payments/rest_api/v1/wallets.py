"""Balances and statements of accounts, for members and those who may see the ledger."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django_filters import rest_framework as filters
from rest_framework import serializers
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response

from token_payments import models
from token_payments.hosts.base import User
from token_payments.hosts.people import get_user
from token_payments.rest_api.v1.base import ApiViewSet, Input
from token_payments.rest_api.v1.fields import IdField, InstantField
from token_payments.rest_api.v1.filters import IdFilter, InstantFilter
from token_payments.rest_api.v1.schema import reads, writes
from token_payments.wallets import operations as wallet_operations
from token_payments.wallets import queries as wallet_queries


class WalletSerializer(serializers.Serializer):
    """An account's tokens of one type, as they can be spent now."""

    id = serializers.IntegerField(source="wallet.pk")
    account = serializers.IntegerField(source="wallet.account_id")
    token_type = serializers.IntegerField(source="wallet.token_type_id")
    available = serializers.IntegerField(source="balance.available")
    expiring_soon = serializers.IntegerField(
        source="balance.expiring_soon", help_text="Of those available, within 30 days."
    )
    expired = serializers.IntegerField(source="balance.expired")
    spent = serializers.IntegerField(source="balance.spent")
    kept_for_last = serializers.IntegerField(
        source="balance.kept_for_last", help_text="Of those available, in issues to be used last."
    )


@dataclass(frozen=True)
class Line:
    """An entry as the user may read it: members get names and reasons of their own payments."""

    entry: models.LedgerEntry
    balance: int
    redemption: models.Redemption | None
    actor: User | None
    reason: str
    reference: str


class EntrySerializer(serializers.Serializer):
    """One line of a statement: `balance` is what the entries up to it add up to.

    As on the pages, members get `redemption`, `learner`, `actor` and `reason` of their own payments
    alone, and no `reference`.
    """

    id = serializers.IntegerField(source="entry.pk")
    issue = serializers.IntegerField(source="entry.issue_id")
    kind = serializers.ChoiceField(choices=models.EntryKind.choices, source="entry.kind")
    amount = serializers.IntegerField(source="entry.amount")
    balance = serializers.IntegerField()
    redemption = serializers.UUIDField(source="redemption.uuid", default=None, allow_null=True)
    learner = serializers.CharField(
        source="redemption.learner.username", default=None, allow_null=True
    )
    item_key = serializers.CharField(
        source="entry.redemption.item.item_key", default=None, allow_null=True
    )
    reference = serializers.CharField()
    reason = serializers.CharField()
    actor = serializers.CharField(source="actor.username", default=None, allow_null=True)
    expires_from = InstantField(source="entry.expires_from", allow_null=True)
    expires_to = InstantField(source="entry.expires_to", allow_null=True)
    created_at = InstantField(source="entry.created_at")


class TransferInput(Input):
    account = IdField(help_text="Where the tokens go.")
    quantity = serializers.IntegerField(min_value=1, max_value=models.MAX_ISSUE)
    issue = IdField(
        allow_null=True,
        required=False,
        default=None,
        help_text="From this issue alone; null: in the order in which tokens are spent.",
    )
    reason = serializers.CharField(max_length=255)


class TransferSerializer(serializers.Serializer):
    id = serializers.IntegerField()
    source_wallet = serializers.IntegerField(source="source_id")
    target_wallet = serializers.IntegerField(source="target_id")
    quantity = serializers.IntegerField()
    issue = serializers.IntegerField(source="issue_id", allow_null=True)
    reason = serializers.CharField()
    actor = serializers.CharField(source="actor.username")
    created_at = InstantField()


class WalletFilter(filters.FilterSet):
    account = IdFilter(field_name="account")
    token_type = IdFilter(field_name="token_type")


class StatementFilterSet(filters.FilterSet):
    kind = filters.MultipleChoiceFilter(choices=models.EntryKind.choices)
    since = InstantFilter(field_name="created_at", lookup_expr="gte")
    until = InstantFilter(field_name="created_at", lookup_expr="lt")


class WalletAccess:
    """Which wallets are whose."""

    def visible_wallets(self: Any) -> QuerySet[models.Wallet]:
        if self.may("view_ledgerentry", "view_account"):
            return models.Wallet.objects.all()
        return models.Wallet.objects.filter(
            account__in=wallet_queries.list_accounts(self.request.user)
        )


class Wallets(WalletAccess, ApiViewSet):
    queryset = models.Wallet.objects.all()
    serializer_class = WalletSerializer
    filterset_class = WalletFilter
    ordering = ("id",)

    def visible(self) -> QuerySet[models.Wallet]:
        return self.visible_wallets()

    def present(self, rows: Sequence[models.Wallet]) -> Sequence[dict[str, Any]]:
        now, nothing = timezone.now(), wallet_queries.Balance()
        balances = wallet_queries.list_balances([wallet.pk for wallet in rows], now)
        return [{"wallet": row, "balance": balances.get(row.pk, nothing)} for row in rows]

    @reads()
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The balances of every wallet that one may see."""
        return self.list_page(self.visible())

    @reads(WalletSerializer)
    def retrieve(self, request: Request, pk: int) -> Response:
        """One wallet's balance."""
        return self.answer(self.get_row(pk))

    @writes(TransferInput, TransferSerializer, status=201, detail=True)
    def transfer(self, request: Request, pk: int) -> Response:
        """Let tokens go to another account, where they expire as they did here.

        Staff between any accounts; where the site lets them, managers between their own.
        """
        wallet = self.get_row(pk)
        is_staff = self.may("change_tokenissue")
        if not is_staff and not self.manages(wallet.account_id):
            raise PermissionDenied
        data = self.read(TransferInput)
        accounts = models.Account.objects.all()
        if not is_staff:
            accounts = wallet_queries.list_accounts(
                get_user(request), role=models.AccountRole.MANAGER
            )
        rows = {"account": accounts, "issue": models.TokenIssue.objects.filter(wallet=wallet)}
        for name, found in rows.items():
            if data[name] is not None and not found.filter(pk=data[name]).exists():
                raise serializers.ValidationError({name: [_("There is no such one.")]})
        wanted = wallet_operations.WantedTransfer(
            source=wallet,
            account=models.Account.objects.get(pk=data["account"]),
            quantity=data["quantity"],
            issue_id=data["issue"],
            as_manager=not is_staff,
        )
        done = wallet_operations.transfer_tokens(
            wanted, reason=data["reason"], **self.once.arguments
        )
        return Response(TransferSerializer(done).data, status=201)


class Statement(WalletAccess, ApiViewSet):
    queryset = models.LedgerEntry.objects.all()
    serializer_class = EntrySerializer
    filterset_class = StatementFilterSet
    ordering = ("-id",)

    @reads()
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """A wallet's entries, the newest first, each with the balance after it."""
        wallet = self.find(self.visible_wallets(), kwargs["wallet_id"])
        sees_all = self.may("view_ledgerentry", "view_account") or self.manages(wallet.account_id)

        def show(page: Sequence[models.LedgerEntry]) -> list[Line]:
            lines = wallet_queries.add_balances(wallet, page)
            return [self._show(line, sees_all=sees_all) for line in lines]

        return self.list_page(wallet_queries.list_statement(wallet), show)

    def _show(self, line: wallet_queries.StatementLine, *, sees_all: bool) -> Line:
        entry, redemption, user_id = line.entry, line.entry.redemption, self.request.user.pk
        tells = sees_all or (redemption is not None and redemption.learner_id == user_id)
        return Line(
            entry=entry,
            balance=line.balance,
            redemption=redemption if tells else None,
            actor=entry.actor if tells or entry.actor_id == user_id else None,
            reason=entry.reason if tells else "",
            reference=entry.issue.reference if sees_all else "",
        )
