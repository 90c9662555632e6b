"""Accounts that are being given up: who asked, and what they were called before."""

from __future__ import annotations

import hashlib

from django.contrib.auth.models import User
from django.db import models

#: In the order of the platform's retirement scripts, reduced to the steps that are here.
STATES = (
    "PENDING",
    "RETIRING_ENROLLMENTS",
    "ENROLLMENTS_COMPLETE",
    "RETIRING_LMS_MISC",
    "LMS_MISC_COMPLETE",
    "RETIRING_LMS",
    "LMS_COMPLETE",
    "ERRORED",
    "COMPLETE",
)
WORKING = ("RETIRING_ENROLLMENTS", "RETIRING_LMS_MISC", "RETIRING_LMS")


class RetirementStateError(Exception):
    pass


class UserRetirementRequest(models.Model):
    """That somebody asked; stays for ever.

    .. no_pii:
    """

    user = models.OneToOneField(User, on_delete=models.CASCADE)
    created = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"User: {self.user_id} Requested: {self.created}"

    @classmethod
    def has_user_requested_retirement(cls, user: User) -> bool:
        return cls.objects.filter(user=user).exists()


class UserRetirementStatus(models.Model):
    """How far a retirement is. The platform has its states in a table of their own.

    .. pii: Name, user name and address of before
    .. pii_types: name, username, email_address
    .. pii_retirement: local_api
    """

    user = models.OneToOneField(User, on_delete=models.CASCADE)
    original_username = models.CharField(max_length=150, db_index=True)
    original_email = models.EmailField(db_index=True)
    original_name = models.CharField(max_length=255, blank=True, db_index=True)
    retired_username = models.CharField(max_length=150, db_index=True)
    retired_email = models.EmailField(db_index=True)
    current_state = models.CharField(max_length=30, default="PENDING")
    responses = models.TextField(blank=True)

    class Meta:
        verbose_name = "User Retirement Status"
        verbose_name_plural = "User Retirement Statuses"

    def __str__(self) -> str:
        return f"{self.user_id}: {self.current_state}"

    @classmethod
    def create_retirement(cls, user: User) -> UserRetirementStatus:
        """Puts the user into the queue. Raises RetirementStateError for one who is in it."""
        if cls.objects.filter(user=user).exists():
            raise RetirementStateError(f"User {user} already has a retirement status row!")
        UserRetirementRequest.objects.get_or_create(user=user)
        return cls.objects.create(
            user=user,
            original_username=user.username,
            original_email=user.email,
            original_name=user.profile.name,
            retired_username=f"retired__user_{_hash(user.username)}",
            retired_email=f"retired__user_{_hash(user.email)}@retired.invalid",
        )

    @classmethod
    def get_retirement_for_retirement_action(cls, username: str) -> UserRetirementStatus:
        """The retirement, while one of its steps is being taken.

        Raises DoesNotExist, and RetirementStateError in any other state.
        """
        retirement = cls.objects.get(original_username=username)
        if retirement.current_state not in WORKING:
            raise RetirementStateError(
                f"{retirement.current_state} is not a state in which anything is retired"
            )
        return retirement

    def move(self, state: str, response: str = "") -> None:
        self.current_state = state
        self.responses += f"\nMoved to {state}: {response}"
        self.save()


def _hash(text: str) -> str:
    """The platform uses salts of the operator's here."""
    return hashlib.sha256(text.lower().encode()).hexdigest()[:40]
