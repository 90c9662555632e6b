"""Put a user into the queue of accounts to retire, as the platform's command of this name does."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from ...accounts.pipeline import clean_up, retire_learner
from ...accounts.utils import create_retirement_request_and_deactivate_account
from ...models import RetirementStateError, UserRetirementStatus


class Command(BaseCommand):
    help = (
        "Puts a user into the queue of accounts to retire. With --now (of the mini LMS alone) the "
        "steps of the platform's retirement scripts are taken at once."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--username", required=True)
        parser.add_argument("--user_email", required=True, help="the account's address, to be sure")
        parser.add_argument("--now", action="store_true", help="retire the account at once")
        parser.add_argument(
            "--keep", action="store_true", help="with --now: keep the row of the queue"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        user = User.objects.filter(username=options["username"]).first()
        if user is None:
            retirement = UserRetirementStatus.objects.filter(original_username=options["username"])
            if not retirement.exists():
                raise CommandError("There is no user of this name.")
        elif not UserRetirementStatus.objects.filter(user=user).exists():
            self._queue(user, options["user_email"])
        if options["now"]:
            self._retire(options["username"], keeps=options["keep"])

    def _queue(self, user: User, email: str) -> None:
        if user.email != email:
            raise CommandError("The user has another address.")
        try:
            with transaction.atomic():
                create_retirement_request_and_deactivate_account(user)
        except RetirementStateError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"User {user.pk} is queued for retirement.")

    def _retire(self, username: str, *, keeps: bool) -> None:
        retirement = UserRetirementStatus.objects.get(original_username=username)
        retire_learner(retirement)
        self.stdout.write(f"User {retirement.user_id} is retired.")
        if not keeps:
            clean_up(retirement)
