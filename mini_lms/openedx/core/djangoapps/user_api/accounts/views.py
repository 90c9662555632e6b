"""Retirement of accounts, reduced to its signals. For superusers only.

POST {"username": ...} to each step in the order mailings, misc, account.
"""

from __future__ import annotations

from django.contrib.auth.models import User
from django.shortcuts import get_object_or_404
from edx_rest_framework_extensions.auth.jwt.authentication import JwtAuthentication
from rest_framework import permissions, status
from rest_framework.authentication import SessionAuthentication
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from .signals import (
    USER_RETIRE_LMS_CRITICAL,
    USER_RETIRE_LMS_MISC,
    USER_RETIRE_MAILINGS,
)


class IsSuperuser(permissions.BasePermission):
    def has_permission(self, request: Request, view: APIView) -> bool:
        return bool(request.user and request.user.is_superuser)


class RetirementStep(APIView):
    authentication_classes = (JwtAuthentication, SessionAuthentication)
    permission_classes = (permissions.IsAuthenticated, IsSuperuser)

    def post(self, request: Request) -> Response:
        user = get_object_or_404(User, username=request.data.get("username"))
        self.retire(user)
        return Response(status=status.HTTP_204_NO_CONTENT)

    def retire(self, user: User) -> None:
        raise NotImplementedError


class AccountRetireMailingsView(RetirementStep):
    def retire(self, user: User) -> None:
        USER_RETIRE_MAILINGS.send(
            sender=self.__class__,
            email=user.email,
            new_email=retired_email(user),
            user=user,
        )


class LMSAccountRetirementView(RetirementStep):
    def retire(self, user: User) -> None:
        USER_RETIRE_LMS_MISC.send(sender=self.__class__, user=user)


class AccountRetirementView(RetirementStep):
    """The last step: the account itself loses its name and address."""

    def retire(self, user: User) -> None:
        username, email = retired_username(user), retired_email(user)
        USER_RETIRE_LMS_CRITICAL.send(
            sender=self.__class__,
            user=user,
            retired_username=username,
            retired_email=email,
        )
        user.profile.name = ""
        user.profile.country = None
        user.profile.save()
        user.username, user.email = username, email
        user.first_name = user.last_name = ""
        user.is_active = False
        user.set_unusable_password()
        user.save()


def retired_username(user: User) -> str:
    return f"retired__user_{user.id}"


def retired_email(user: User) -> str:
    return f"retired__user_{user.id}@retired.invalid"
