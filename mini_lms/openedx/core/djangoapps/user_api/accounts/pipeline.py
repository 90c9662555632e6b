"""What the platform's retirement scripts do from outside, step by step over its API."""

from __future__ import annotations

from collections.abc import Callable

from django.db import transaction

from common.djangoapps.student.models import CourseEnrollment

from ..models import UserRetirementStatus
from .views import AccountRetirementView, LMSAccountRetirementView


def retire_learner(retirement: UserRetirementStatus) -> None:
    """Takes all steps. What one raises puts the retirement into the state ERRORED, and goes on up:
    run it again once the cause is mended."""
    steps: list[tuple[str, Callable[[UserRetirementStatus], None]]] = [
        ("ENROLLMENTS", unenroll_everywhere),
        ("LMS_MISC", LMSAccountRetirementView().retire),
        ("LMS", AccountRetirementView().retire),
    ]
    for name, step in steps:
        retirement.move(f"RETIRING_{name}")
        try:
            with transaction.atomic():
                step(retirement)
        except Exception as error:
            retirement.move("ERRORED", f"{name}: {type(error).__name__}")
            raise
        retirement.move(f"{name}_COMPLETE")
    retirement.move("COMPLETE")


def clean_up(retirement: UserRetirementStatus) -> None:
    """After some weeks the scripts forget what the account was called, too."""
    retirement.delete()


def unenroll_everywhere(retirement: UserRetirementStatus) -> None:
    """As `unenroll_user_from_all_courses`: no filter is asked, events are sent."""
    for enrollment in CourseEnrollment.objects.filter(user=retirement.user, is_active=True):
        enrollment.update_enrollment(is_active=False, skip_refund=True)
