"""Accounts, who belongs to them, and what they hold."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet
from django.http import Http404
from django.utils.translation import gettext_lazy as _
from django_filters import rest_framework as filters
from rest_framework import serializers
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response

from token_payments.db.changes import compute_version
from token_payments.hosts import host, list_name_relations
from token_payments.hosts.people import get_user
from token_payments.models import Account, AccountMember, AccountRole
from token_payments.rest_api.v1.base import ApiViewSet, Input, read_version
from token_payments.rest_api.v1.fields import CountryField
from token_payments.rest_api.v1.schema import reads, writes
from token_payments.throttling import look_up_person
from token_payments.wallets import operations as wallet_operations
from token_payments.wallets import queries as wallet_queries


class BillingSerializer(serializers.Serializer):
    name = serializers.CharField(source="billing_name")
    street = serializers.CharField(source="billing_street")
    postcode = serializers.CharField(source="billing_postcode")
    city = serializers.CharField(source="billing_city")
    region = serializers.CharField(source="billing_region")
    country = serializers.CharField(source="billing_country", help_text="ISO 3166, two letters.")


class BillingInput(Input):
    name = serializers.CharField(max_length=255, allow_blank=True, required=False)
    street = serializers.CharField(max_length=500, allow_blank=True, required=False)
    postcode = serializers.CharField(max_length=32, allow_blank=True, required=False)
    city = serializers.CharField(max_length=128, allow_blank=True, required=False)
    region = serializers.CharField(max_length=128, allow_blank=True, required=False)
    country = CountryField(allow_blank=True, required=False)


class AccountSerializer(serializers.Serializer):
    id = serializers.IntegerField()
    name = serializers.CharField()
    reference = serializers.CharField(
        allow_null=True, help_text="The customer's number in other systems; null for members."
    )
    is_frozen = serializers.BooleanField()
    role = serializers.ChoiceField(
        choices=AccountRole.choices, allow_null=True, help_text="One's own in the account."
    )
    billing = BillingSerializer(allow_null=True, help_text="Null for members.")


class AccountInput(Input):
    name = serializers.CharField(max_length=255)
    reference = serializers.CharField(max_length=64, allow_null=True, required=False)
    billing = BillingInput(required=False)


class MemberSerializer(serializers.Serializer):
    user_id = serializers.IntegerField()
    username = serializers.CharField(source="user.username")
    name = serializers.SerializerMethodField()
    email = serializers.SerializerMethodField(
        help_text="Empty for managers who don't know it: the member was added by user name."
    )
    role = serializers.ChoiceField(choices=AccountRole.choices)

    def get_name(self, member: AccountMember) -> str:
        return host.get_full_name(member.user)

    def get_email(self, member: AccountMember) -> str:
        sees_all = self.context["view"].may("view_account", "change_account")
        return str(member.user.email) if sees_all or member.address_known else ""


class MemberInput(Input):
    user = serializers.CharField(
        max_length=254, help_text="A user name, or the confirmed e-mail address of a user."
    )
    role = serializers.ChoiceField(choices=AccountRole.choices)


class RoleInput(Input):
    role = serializers.ChoiceField(choices=AccountRole.choices)


class FreezeInput(Input):
    reason = serializers.CharField(max_length=100, allow_blank=True, required=False, default="")


class AccountFilterSet(filters.FilterSet):
    name = filters.CharFilter()
    reference = filters.CharFilter()
    is_frozen = filters.BooleanFilter()


class Accounts(ApiViewSet):
    queryset = Account.objects.all()
    serializer_class = AccountSerializer
    filterset_class = AccountFilterSet
    ordering_fields = ("id", "name")
    ordering = ("name",)
    changing = "change_account"

    def visible(self) -> QuerySet[Account]:
        if self.may("view_account", "change_account"):
            return Account.objects.all()
        return wallet_queries.list_accounts(self.user)

    @reads()
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Every account, or those that one belongs to."""
        return self.list_page(self.visible())

    @reads(AccountSerializer)
    def retrieve(self, request: Request, pk: int) -> Response:
        """One account; its ETag is what a change names."""
        return self.answer(self.get_row(pk))

    @writes(AccountInput, AccountSerializer, status=201)
    def create(self, request: Request) -> Response:
        """Add an account."""
        self.require("add_account")
        fields = _flatten_billing(self.read(AccountInput))
        account = wallet_operations.add_account(Account(**fields), actor=get_user(request))
        return self.answer_new(account)

    @writes(AccountInput(partial=True), AccountSerializer, versioned=True)
    def partial_update(self, request: Request, pk: int) -> Response:
        """Change some fields of an account."""
        account = self.get_changeable(pk)
        version = read_version(request)
        changes = _flatten_billing(self.read(AccountInput, partial=True))
        account = wallet_operations.change_account(
            account.pk, changes, actor=get_user(request), version=version
        )
        return self.answer(account)

    @writes(FreezeInput, AccountSerializer, detail=True)
    def freeze(self, request: Request, pk: int) -> Response:
        """Let nothing be issued to or spent by the account."""
        account = self.get_changeable(pk)
        data = self.read(FreezeInput)
        return self.answer(
            wallet_operations.freeze_account(account.pk, actor=get_user(request), **data)
        )

    @writes(FreezeInput, AccountSerializer, detail=True)
    def unfreeze(self, request: Request, pk: int) -> Response:
        """Undo freezing."""
        account = self.get_changeable(pk)
        data = self.read(FreezeInput)
        return self.answer(
            wallet_operations.unfreeze_account(account.pk, actor=get_user(request), **data)
        )

    def compute_version(self, row: Account) -> str:
        return compute_version(row)

    def present(self, rows: Sequence[Account]) -> Sequence[dict[str, Any]]:
        """The accounts as this user sees them: members see no address."""
        members = AccountMember.objects.filter(user=self.request.user.pk, account__in=rows)
        roles = dict(members.values_list("account_id", "role"))
        sees_all = self.may("view_account", "change_account")
        shown = []
        for account in rows:
            role = roles.get(account.pk)
            is_open = sees_all or role == AccountRole.MANAGER
            shown.append(
                {
                    "id": account.pk,
                    "name": account.name,
                    "reference": account.reference if is_open else None,
                    "is_frozen": account.is_frozen,
                    "role": role,
                    "billing": account if is_open else None,
                }
            )
        return shown


class Members(ApiViewSet):
    """Who belongs to an account: for its managers, and for those who may see accounts."""

    queryset = AccountMember.objects.all()
    serializer_class = MemberSerializer
    lookup_url_kwarg = "user_id"
    ordering_fields = ("id",)
    ordering = ("id",)

    def visible(self) -> QuerySet[AccountMember]:
        members = AccountMember.objects.filter(account=self._get_account())
        return members.select_related(*list_name_relations("user"))

    @reads(filters=False)
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The account's members and managers."""
        return self.list_page(self.visible())

    @reads(MemberSerializer)
    def retrieve(self, request: Request, account_id: int, user_id: int) -> Response:
        """One member."""
        return self.answer(self.find(self.visible(), user_id, field="user"))

    @writes(MemberInput, MemberSerializer, status=201)
    def create(self, request: Request, account_id: int) -> Response:
        """Make somebody a member or a manager; whoever is one gets the role that is named."""
        account = self._get_account(for_change=True)
        data = self.read(MemberInput)
        person = look_up_person(request, data["user"])
        if person is None:
            text = _("No active user has this name or confirmed address.")
            raise serializers.ValidationError({"user": [text]})
        role = AccountRole(data["role"])
        is_known = self.may("view_account", "change_account") or "@" in data["user"]
        member = wallet_operations.set_member(
            account, person, role, actor=get_user(request), address_known=is_known
        )
        return self.answer(member, status=201)

    @writes(RoleInput, MemberSerializer)
    def partial_update(self, request: Request, account_id: int, user_id: int) -> Response:
        """Give a member another role."""
        account = self._get_account(for_change=True)
        member = self.find(self.visible(), user_id, field="user")
        role = AccountRole(self.read(RoleInput)["role"])
        return self.answer(
            wallet_operations.set_member(account, member.user, role, actor=get_user(request))
        )

    @writes(gives=None, status=204)
    def destroy(self, request: Request, account_id: int, user_id: int) -> Response:
        """End a membership; what was paid stays."""
        account = self._get_account(for_change=True)
        member = self.find(self.visible(), user_id, field="user")
        wallet_operations.remove_member(account, member.user, actor=get_user(request))
        return Response(status=204)

    def _get_account(self, *, for_change: bool = False) -> Account:
        """The account, if this is the user's business. Raises Http404, PermissionDenied."""
        account: Account = self.find(Account.objects.all(), self.kwargs["account_id"])
        if self.may("change_account") or (not for_change and self.may("view_account")):
            return account
        role = wallet_queries.find_role(account, self.user)
        if role == AccountRole.MANAGER:
            return account
        if role is not None or self.may("view_account"):
            raise PermissionDenied
        raise Http404


def _flatten_billing(data: dict[str, Any]) -> dict[str, Any]:
    billing = data.pop("billing", {})
    return data | {f"billing_{name}": value for name, value in billing.items()}
