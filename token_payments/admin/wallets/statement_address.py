"""The address of a wallet's statement."""

from __future__ import annotations

from django.urls import reverse

from token_payments.models import Wallet


def statement_url(wallet: Wallet) -> str:
    return reverse("admin:token_payments_ledgerentry_statement", args=[wallet.pk])
