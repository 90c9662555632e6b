"""Somebody who is gone leaves every account, whatever the accounts are called."""

from __future__ import annotations

from typing import Any

from django.db.models.signals import post_delete
from django.test import TestCase

from tests import factories
from token_payments.models import Account, AccountMember
from token_payments.wallets.accounts import end_memberships


class EndedMembershipsTest(TestCase):
    def test_accounts_are_locked_by_their_ids_as_transfers_lock_them(self) -> None:
        user = factories.make_user("leaver")
        accounts = [Account.objects.create(name=name) for name in ("Zebra", "Acme", "Initech")]
        for account in reversed(accounts):
            AccountMember.objects.create(account=account, user=user)
        left: list[int] = []

        def note(instance: AccountMember, **_more: Any) -> None:
            """Each membership ends right after its account was locked."""
            left.append(instance.account_id)

        post_delete.connect(note, sender=AccountMember)
        self.addCleanup(post_delete.disconnect, note, sender=AccountMember)
        assert end_memberships(user.pk) == 3
        assert left == sorted(account.pk for account in accounts)
