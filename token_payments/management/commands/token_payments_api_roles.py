"""Makes the groups that give programs the least rights for one job on the API."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import Group, Permission
from django.core.management.base import BaseCommand

SEEN = (
    *("account", "accountmember", "tokentype", "tokenissue", "ledgerentry", "catalogueitem"),
    *("tokenorder", "redemption", "tokensettings", "enrolmentsettings", "bulkjob"),
    "webhookendpoint",
)
#: By the group's name, what it may.
ROLES: dict[str, tuple[str, ...]] = {
    "Token payments API: read": tuple(f"view_{model}" for model in SEEN),
    "Token payments API: issue": (
        *("add_tokenissue", "view_tokenissue", "view_account", "view_tokentype"),
    ),
    "Token payments API: redeem": ("add_redemption", "view_redemption"),
}


class Command(BaseCommand):
    help = (
        "Makes, or brings up to date, the groups that give programs the least rights for one job "
        "on the API: to read, to issue, to redeem. Add a program's user to one of them."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        ours = Permission.objects.filter(content_type__app_label="token_payments")
        for name, codenames in ROLES.items():
            group, is_new = Group.objects.get_or_create(name=name)
            group.permissions.set(ours.filter(codename__in=codenames))
            done = "made" if is_new else "up to date"
            self.stdout.write(f"{name}: {done}.")
