"""The common part of the API's resources."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar, cast

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404
from django.urls import reverse
from django.utils.decorators import classonlymethod
from django.utils.translation import gettext as _
from django_filters.rest_framework import DjangoFilterBackend
from drf_spectacular.openapi import AutoSchema
from rest_framework import serializers
from rest_framework.exceptions import NotFound, ParseError, PermissionDenied
from rest_framework.filters import OrderingFilter
from rest_framework.parsers import JSONParser
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import BaseThrottle
from rest_framework.viewsets import GenericViewSet

from token_payments import conf
from token_payments.hosts.base import User
from token_payments.hosts.people import list_by_user_name
from token_payments.models import Account, AccountRole
from token_payments.rest_api.authentication import AUTHENTICATION, SIGNED_IN
from token_payments.rest_api.problems import BodyTooLarge, VersionMissing, answer_problem
from token_payments.rest_api.v1.idempotency import Once
from token_payments.rest_api.v1.pagination import KeysetPagination
from token_payments.throttling import Limit, count
from token_payments.wallets import queries as wallet_queries

MAX_BODY = 4 * 1024 * 1024  # bytes, where the LMS has no limit of its own
MAX_ID = 2**63 - 1  # what a database takes for a key
APP = "token_payments"


class StrictParser(JSONParser):
    """JSON that can't be read is the client's mistake, also if it is nested too deeply.

    Or if a text in it can't be written: escapes can name halves of characters.
    """

    def parse(self, *args: Any, **kwargs: Any) -> Any:
        try:
            data = super().parse(*args, **kwargs)
            json.dumps(data, ensure_ascii=False).encode()
        except RecursionError as error:
            raise ParseError from error
        except UnicodeEncodeError as error:
            text = _("A text in it holds half a character, which can't be written.")
            raise serializers.ValidationError([text]) from error
        return data


class Input(serializers.Serializer):
    # A body: names that mean nothing here are refused, so that a typing error is seen. No
    # docstring, which every body in the description would inherit.

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, Mapping):
            unknown = [str(name) for name in data if name not in self.fields]
            if unknown:
                text = _("There is no such field.")
                raise serializers.ValidationError({name: [text] for name in sorted(unknown)})
        return super().to_internal_value(data)


class LimitThrottle(BaseThrottle):
    """Counts each request in the table of limits."""

    def __init__(self, limit: Limit) -> None:
        self.limit, self.seconds = limit, 0

    def allow_request(self, request: Request, view: Any) -> bool:
        self.seconds = count(request, self.limit)
        return not self.seconds

    def wait(self) -> float:
        return float(self.seconds)


class ApiViewSet(GenericViewSet):
    """JSON in and out, for the LMS's users; 404 while the plugin is switched off.

    Outside of ATOMIC_REQUESTS: a payment's own transaction must be the outermost one, and what is
    answered must be committed.
    """

    authentication_classes = AUTHENTICATION
    permission_classes = SIGNED_IN
    renderer_classes = (JSONRenderer,)
    parser_classes = (StrictParser,)
    throttle_classes: Sequence[Any] = ()
    pagination_class: Any = KeysetPagination
    filter_backends = (DjangoFilterBackend, OrderingFilter)
    metadata_class = None
    lookup_value_converter = "int"
    schema: Any = AutoSchema()
    ordering_fields: ClassVar[Sequence[str]] = ("id",)
    ordering: ClassVar[Sequence[str]] = ("-id",)
    #: The permission to change rows.
    changing: ClassVar[str]
    #: How the request is done once; set for what ``writes``.
    once: Once
    #: The limit of an action, by its name.
    limits: ClassVar[Mapping[str, Limit]] = {}

    @property
    def user(self) -> User:
        """The person who asks: nobody else gets past ``permission_classes``."""
        user: Any = self.request.user
        return cast("User", user)

    @classonlymethod
    def as_view(  # type: ignore[override]
        cls,  # noqa: N805 (Django's)
        actions: Any = None,
        **initkwargs: Any,
    ) -> Callable[..., Any]:
        return transaction.non_atomic_requests(super().as_view(actions, **initkwargs))

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        if not conf.is_enabled():
            raise Http404
        _check_length(request)
        super().initial(request, *args, **kwargs)

    def get_throttles(self) -> list[Any]:
        limit = self.limits.get(self.action or "")
        return [LimitThrottle(limit)] if limit else []

    def get_exception_handler(self) -> Any:
        return answer_problem

    def finalize_response(self, request: Any, response: Any, *args: Any, **kwargs: Any) -> Any:
        response = super().finalize_response(request, response, *args, **kwargs)
        response.headers.setdefault("Cache-Control", "no-store")
        return response

    # --- Who asks ---------------------------------------------------------------------------------
    def may(self, *permissions: str) -> bool:
        """Whether the user has one of these permissions, such as view_account."""
        user = self.request.user
        return any(user.has_perm(f"{APP}.{name}") for name in permissions)

    def require(self, *permissions: str) -> None:
        """For what the user may see. Raises PermissionDenied, which is 403."""
        if not self.may(*permissions):
            raise PermissionDenied

    def require_hidden(self, *permissions: str) -> None:
        """For things that strangers may not know of. Raises Http404."""
        if not self.may(*permissions):
            raise Http404

    def manages(self, account: Account | int | None) -> bool:
        """Whether the user is a manager of this account."""
        managed = wallet_queries.list_accounts(self.user, role=AccountRole.MANAGER)
        return account is not None and managed.filter(pk=getattr(account, "pk", account)).exists()

    def get_learner(self, username: str | None, *, account: Account | None = None) -> User:
        """The learner with this user name; None is oneself.

        Others are named by managers of the ``account``, of its members, and by whoever may redeem
        for anybody. Raises ValidationError, the same for nobody and for somebody who isn't theirs.
        """
        user: User = self.user
        if username is None or username == user.get_username():
            return user
        found = [each for each in list_by_user_name(username) if each.is_active]
        is_theirs = bool(found) and (
            self.may("add_redemption")
            or (
                account is not None
                and self.manages(account)
                and wallet_queries.find_role(account, found[0]) is not None
            )
        )
        if not is_theirs:
            text = _("There is no such learner whom you may pay for.")
            raise serializers.ValidationError({"learner": [text]})
        return found[0]

    # --- Reading and answering --------------------------------------------------------------------
    def read(self, serializer: type[serializers.BaseSerializer], **kwargs: Any) -> dict[str, Any]:
        """The body of the request, checked. Raises ValidationError, which is 400."""
        checked = serializer(
            data=self.request.data, context=self.get_serializer_context(), **kwargs
        )
        checked.is_valid(raise_exception=True)
        data: dict[str, Any] = checked.validated_data
        return data

    def find(self, rows: QuerySet[Any], pk: Any, *, field: str = "pk") -> Any:
        """One of the rows that the user may see. Raises Http404."""
        if isinstance(pk, int) and pk > MAX_ID:
            raise Http404
        row = rows.filter(**{field: pk}).first()
        if row is None:
            raise Http404
        return row

    def get_row(self, pk: Any) -> Any:
        """The row with this id, if the user may see it. Raises Http404."""
        return self.find(self.visible(), pk, field=self.lookup_field)

    def get_changeable(self, pk: Any) -> Any:
        """A row for those who may change such rows. Raises Http404, PermissionDenied."""
        row = self.get_row(pk)
        self.require(self.changing)
        return row

    def answer(self, row: Any, *, status: int = 200) -> Response:
        """A row as the resource shows it, with its version where it has one."""
        response = Response(self.get_serializer(self.present([row])[0]).data, status=status)
        version = self.compute_version(row)
        if version:
            response["ETag"] = f'"{version}"'
        return response

    def answer_new(self, row: Any) -> Response:
        """A row that was made, and its address."""
        response = self.answer(row, status=201)
        response["Location"] = self.get_address(row)
        return response

    def get_address(self, row: Any) -> str:
        field = self.lookup_field
        name = f"token_payments:v1:{self.basename}-detail"
        return reverse(name, kwargs={field: getattr(row, field)})

    def list_page(
        self, rows: QuerySet[Any], present: Callable[[Sequence[Any]], Any] | None = None
    ) -> Response:
        """A page of the rows; ``present`` is for those that depend on what they belong to.

        What the rows refer to is read for this page's rows alone: MariaDB would begin with the
        tables that it joins, and sort all there is.
        """
        present = present or self.present
        is_joined = bool(rows.query.select_related)
        keys = {name.lstrip("-") for name in (*self.ordering, *self.ordering_fields)}
        alone = rows.select_related(None).prefetch_related(None).only("pk", *keys)
        page = self.paginate_queryset(self.filter_queryset(alone if is_joined else rows))
        assert page is not None
        if is_joined:
            found = rows.in_bulk([row.pk for row in page])
            page = [found[row.pk] for row in page if row.pk in found]
        return self.get_paginated_response(self.get_serializer(present(page), many=True).data)

    # --- For each resource ------------------------------------------------------------------------
    def visible(self) -> QuerySet[Any]:
        """The rows that the user may see."""
        raise NotImplementedError

    def present(self, rows: Sequence[Any]) -> Sequence[Any]:
        """What the serializer is given to show these rows."""
        return rows

    def compute_version(self, row: Any) -> str:
        """What a change has to name, where two people may edit a row."""
        return ""


class Missing(ApiViewSet):
    """Every other address: a problem, like everything that the API answers."""

    schema = None

    def missing(self, request: Request) -> Response:
        raise NotFound(_("There is no such address. All of them end with a slash."))


def _check_length(request: Request) -> None:
    """Raises BodyTooLarge before anything is read.

    Django asks some requests alone how long they are, and answers with a page.
    """
    length = str(request.META.get("CONTENT_LENGTH") or "0")
    limit = settings.DATA_UPLOAD_MAX_MEMORY_SIZE or MAX_BODY
    if length.isdecimal() and int(length) > limit:
        raise BodyTooLarge


def read_version(request: Request) -> str | None:
    """The version that If-Match names; None for ``*``, which is any.

    Raises VersionMissing. A weak one, or several, match nothing.
    """
    given = request.headers.get("If-Match", "").strip()
    if not given:
        raise VersionMissing
    return None if given == "*" else given.strip('"')
