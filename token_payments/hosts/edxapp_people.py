"""People as the LMS knows them; it retires accounts in steps that may take weeks."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.utils.translation import gettext

from token_payments.hosts.base import Names, User

HOME_SITE = "created_on_site"  # the LMS keeps it for every site but its own
RETIRED = "retired__user_"  # what the user names of retired accounts begin with, unless changed


def get_full_name(user: User) -> str:
    """The profile's name. A retired account has none, and a user name that is too long to read."""
    profile = getattr(user, "profile", None)
    user_name = str(user.get_username())
    prefix = getattr(settings, "RETIRED_USERNAME_PREFIX", RETIRED)
    if not user.is_active and user_name.startswith(prefix):
        return gettext("Retired user %(number)s") % {"number": user.pk}
    return str((profile and profile.name) or user_name)


def list_names(user: User) -> Names:
    """The account's and the profile's; while it is retired also what the LMS remembers of before.

    The account's address is replaced when somebody asks for retirement, its names at the end.
    """
    from openedx.core.djangoapps.user_api.models import UserRetirementStatus

    profile = getattr(user, "profile", None)
    user_names = [user.get_username()]
    full_names = [profile.name if profile else "", f"{user.first_name} {user.last_name}"]
    addresses = [user.email]
    for retirement in UserRetirementStatus.objects.filter(user=user):
        user_names.append(retirement.original_username)
        full_names.append(retirement.original_name)
        addresses.append(retirement.original_email)
    return Names(user_names, full_names, addresses)


def is_retired(user: User) -> bool:
    """From the request on; one that is cancelled is deleted by the LMS."""
    from openedx.core.djangoapps.user_api.models import UserRetirementRequest

    return bool(UserRetirementRequest.has_user_requested_retirement(user))


def read_home_site(user_id: int, name: str, default: Any) -> Any:
    """The value of the site on which the account was made."""
    from common.djangoapps.student.models import UserAttribute
    from openedx.core.djangoapps.site_configuration.models import SiteConfiguration

    domains = UserAttribute.objects.filter(user_id=user_id, name=HOME_SITE).values("value")
    found = SiteConfiguration.objects.filter(enabled=True, site__domain__in=domains).first()
    return default if found is None else found.get_value(name, default)
