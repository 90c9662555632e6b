"""Retirement of accounts, reduced to its signals. For superusers only.

POST {"username": ...}, the one of before, to retire_misc and then to retire, each in its state.
What a receiver raises is answered with 500: the retirement is then in error until somebody retries.
"""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import User
from edx_rest_framework_extensions.auth.jwt.authentication import JwtAuthentication
from rest_framework import permissions, status
from rest_framework.authentication import SessionAuthentication
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ViewSet

from ..models import RetirementStateError, UserRetirementStatus
from .signals import USER_RETIRE_LMS_CRITICAL, USER_RETIRE_LMS_MISC, USER_RETIRE_MAILINGS


class CanRetireUser(permissions.BasePermission):
    """The platform lets its service worker in as well."""

    def has_permission(self, request: Request, view: Any) -> bool:
        return bool(request.user and request.user.is_superuser)


class RetirementStep(ViewSet):
    authentication_classes = (JwtAuthentication, SessionAuthentication)
    permission_classes = (permissions.IsAuthenticated, CanRetireUser)

    def post(self, request: Request) -> Response:
        username = request.data.get("username")
        if not username:
            return Response({"message": "The user was not specified."}, status=404)
        try:
            self.retire(UserRetirementStatus.get_retirement_for_retirement_action(username))
        except UserRetirementStatus.DoesNotExist:
            return Response(status=status.HTTP_404_NOT_FOUND)
        except RetirementStateError as exc:
            return Response(str(exc), status=status.HTTP_400_BAD_REQUEST)
        except Exception as exc:  # noqa: BLE001 (as the platform does)
            return Response(str(exc), status=status.HTTP_500_INTERNAL_SERVER_ERROR)
        return Response(status=status.HTTP_204_NO_CONTENT)

    def retire(self, retirement: UserRetirementStatus) -> None:
        raise NotImplementedError


class LMSAccountRetirementView(RetirementStep):
    """What is known of the person here and there; the account still has its user name."""

    def retire(self, retirement: UserRetirementStatus) -> None:
        USER_RETIRE_LMS_MISC.send(sender=self.__class__, user=retirement.user)
        USER_RETIRE_MAILINGS.send(
            sender=self.__class__,
            email=retirement.original_email,
            new_email=retirement.retired_email,
            user=retirement.user,
        )


class AccountRetirementView(RetirementStep):
    """The last step: the account itself loses its names."""

    def retire(self, retirement: UserRetirementStatus) -> None:
        user: User = retirement.user
        user.profile.name = ""
        user.profile.country = None
        user.profile.save()
        USER_RETIRE_LMS_CRITICAL.send(
            sender=self.__class__,
            user=user,
            retired_username=retirement.retired_username,
            retired_email=retirement.retired_email,
        )
        user.first_name = user.last_name = ""
        user.is_active = False
        user.username = retirement.retired_username
        user.email = retirement.retired_email
        user.save()
