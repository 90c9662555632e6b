"""Forms that do their work once, however often they are sent."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.core.signing import BadSignature, Signer
from django.utils.translation import gettext

KEY = "idempotency_key"
SALT = "token_payments.once"


def make_key(scope: object = "") -> str:
    """A new key, signed; a form of another ``scope`` doesn't take it."""
    return sign_key(uuid.uuid4().hex, scope)


def sign_key(key: str, scope: object = "") -> str:
    return Signer(salt=f"{SALT}.{scope}").sign(key)


def read_key(signed: str, scope: object = "") -> str:
    """The key, as ``sign_key`` got it; empty for what it didn't sign."""
    try:
        return Signer(salt=f"{SALT}.{scope}").unsign(signed)
    except BadSignature:
        return ""


class OnceForm(forms.Form):
    """A form with an idempotency key, made and signed when the form is shown.

    ``cleaned_data["idempotency_key"]`` is 32 hexadecimal digits; nobody can choose them, and with
    them somebody else's work. A form without a key is refused, by ``miss_key``.
    """

    key_scope: object = ""
    idempotency_key = forms.CharField(required=False, widget=forms.HiddenInput, initial=make_key)

    @property
    def sent_key(self) -> str:
        """The key that was sent; empty for one that wasn't made for this form."""
        return read_key(self.data.get(self.add_prefix(KEY), ""), self.key_scope)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        cleaned[KEY] = self.sent_key
        if not cleaned[KEY]:
            self.miss_key()
        return cleaned

    def miss_key(self) -> None:
        raise forms.ValidationError(
            gettext("This form is incomplete. Open it again and fill it in once more.")
        )

    def renew_key(self) -> None:
        """Give a form that was sent another key, for another try."""
        data = self.data.copy()  # type: ignore[attr-defined]
        data[self.add_prefix(KEY)] = make_key(self.key_scope)
        self.data = data
