"""Fills the mini LMS with the demo's courses and people; safe to run again."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils.timezone import now

from lms.djangoapps.demo import data
from lms.djangoapps.demo.seeding import seed_host


class Command(BaseCommand):
    help = "Fills the mini LMS with the demo's courses and people; safe to run again."

    def handle(self, *args: Any, **options: Any) -> None:
        seed_host(now=now())
        people = ", ".join(data.PEOPLE)
        self.stdout.write(f"{len(data.COURSES)} courses; sign in as one of {people}")
        self.stdout.write(f"(password: {data.PASSWORD})")
