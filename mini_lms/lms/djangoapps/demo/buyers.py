"""The demo's buyer: learners who were given tokens, and one who helps."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth import get_user_model

from lms.djangoapps.demo import data
from token_payments.assignments import operations as assignment_operations
from token_payments.models import AssignmentBatch, CodeAssignment, TokenOrder

STORY = """Try buying, as an organisation would:

  1. buyer: Manage My Tokens, Request Token Order: 20 tokens for a course.
  2. course_admin: Administration, Token orders: open it, Change, Finish processing.
  3. buyer: the order's page: Tokens shows and prints them, Learners gives them to people by
     e-mail (paste a list, or take a file). The mails are files: see above.
  4. learner1, or whoever got one: pay with it; its mail has the link. Then buyer: Cancel 3,
     and course_admin: grant it with a refund. The order's Invoice has it."""

RECIPIENTS = (
    ("Tomasz Nowak", "learner2@example.com"),
    ("Ivy Chen", "ivy.chen@harbour-logistics.example"),
    ("Rohan Mehta", "rohan@harbour-logistics.example"),
    ("Ella Brandt", "ella.brandt@harbour-logstics.example"),
)
UNKNOWN_DOMAIN = "The domain harbour-logstics.example doesn't exist."


def seed_distribution(order: TokenOrder, *, now: datetime) -> None:
    """Four learners were given a token last week; one of the mails couldn't be delivered."""
    if AssignmentBatch.objects.filter(order=order).exists():
        return
    buyer, given = _user(data.BUYER), now - timedelta(days=6)
    recipients = [assignment_operations.Recipient(email, name) for name, email in RECIPIENTS]
    assignment_operations.assign_codes(
        order.pk, recipients, actor=buyer, idempotency_key="demo-assignments", now=given
    )
    for assignment in CodeAssignment.objects.filter(batch__order=order):
        assignment_operations.claim_mail(assignment.pk, now=given)
        if "logstics" in assignment.email:
            assignment_operations.fail_mail(assignment.pk, error=UNKNOWN_DOMAIN)
        else:
            assignment_operations.confirm_mail(assignment.pk, now=given)
    assignment_operations.add_delegate(order, _user(data.MANAGER), actor=buyer, now=given)


def _user(username: str) -> Any:
    return get_user_model().objects.get(username=username)
