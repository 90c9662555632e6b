"""The first step of a retirement: the account can't be used any more."""

from django.contrib.auth.models import User

from ..models import UserRetirementStatus


def create_retirement_request_and_deactivate_account(user: User) -> None:
    """Queues the user. From here on the account has another address, and the old one is kept
    in the row of the queue alone."""
    retirement = UserRetirementStatus.create_retirement(user)
    user.email = retirement.retired_email
    user.set_unusable_password()
    user.save()
