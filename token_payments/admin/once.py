"""Forms that do their work once, however often they are sent."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.core.signing import BadSignature, Signer
from django.utils.translation import gettext

SIGNER = Signer(salt="token_payments.once")


def make_key() -> str:
    return SIGNER.sign(uuid.uuid4().hex)


class OnceForm(forms.Form):
    """A form with an idempotency key, made and signed when the form is shown.

    ``cleaned_data["idempotency_key"]`` is 32 hexadecimal digits; nobody can choose them, and with
    them somebody else's work.
    """

    idempotency_key = forms.CharField(required=False, widget=forms.HiddenInput, initial=make_key)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        try:
            cleaned["idempotency_key"] = SIGNER.unsign(cleaned.get("idempotency_key", ""))
        except BadSignature as error:
            raise forms.ValidationError(
                gettext("This form is incomplete. Open it again and fill it in once more.")
            ) from error
        return cleaned
