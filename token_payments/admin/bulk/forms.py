"""Forms that begin bulk jobs: their rows come from a file, or are pasted."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from token_payments.admin.fields import SuggestInput
from token_payments.admin.suggestions import AccountField
from token_payments.assignments import queries as assignment_queries
from token_payments.errors import ListUnreadable
from token_payments.imports.members_file import read_names
from token_payments.imports.recipients import MAX_LIST_BYTES, read_file
from token_payments.models import CatalogueItem, TokenOrder, TokenType, Wallet
from token_payments.orders import queries as order_queries
from token_payments.presenters.once import OnceForm
from token_payments.presenters.refusals import Audience, describe_refusal

MAX_NUMBER = 20


class JobListForm(OnceForm):
    """A file, or what was pasted; cleans to ``content``. Children read it in ``read``."""

    file = forms.FileField(
        label=_("File"),
        required=False,
        allow_empty_file=True,
        max_length=255,
        widget=forms.FileInput(attrs={"accept": ".csv,.txt,.tsv,.xlsx,text/csv"}),
    )
    pasted = forms.CharField(
        label=_("Or pasted rows"),
        required=False,
        strip=False,
        max_length=MAX_LIST_BYTES,
        widget=forms.Textarea(attrs={"rows": 6, "cols": 60, "spellcheck": "false"}),
    )

    def read(self, content: bytes) -> Any:
        """Raises ListUnreadable."""
        raise NotImplementedError

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        file: UploadedFile | None = cleaned.get("file")
        pasted = cleaned.get("pasted", "").strip()
        if bool(file) == bool(pasted) and "file" not in self.errors:
            both = gettext("Choose a file or paste rows, not both.")
            self.add_error("file", both if pasted else gettext("Choose a file, or paste rows."))
            return cleaned
        try:
            cleaned["rows"] = self.read(_take(file) if file else pasted.encode())
        except ListUnreadable as error:
            told = describe_refusal(error, audience=Audience.STAFF)
            self.add_error("file" if file else "pasted", told.text)
        return cleaned


class RedeemForm(JobListForm):
    """Which account pays for which course with which tokens; cleans ``wallet`` and ``tokens``."""

    account = AccountField(
        label=_("Account"),
        help_text=_("Name or customer number."),
        widget=SuggestInput("bulkjob_accounts"),
    )
    token_type = forms.ModelChoiceField(label=_("Token type"), queryset=TokenType.objects.none())
    item = forms.ModelChoiceField(label=_("Course"), queryset=CatalogueItem.objects.none())

    field_order = ("account", "token_type", "item", "file", "pasted")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["token_type"].queryset = TokenType.objects.order_by("name")  # type: ignore[attr-defined]
        priced = CatalogueItem.objects.filter(token_prices__isnull=False).distinct()
        self.fields["item"].queryset = priced.order_by("title", "item_key")  # type: ignore[attr-defined]
        self.fields["file"].help_text = _(
            "CSV or XLSX with one member in each row: a user name or an e-mail address. A heading "
            "such as “User name” or “E-mail” says which column it is."
        )

    def read(self, content: bytes) -> list[str]:
        return read_names(content)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if self.errors:
            return cleaned
        wallets = Wallet.objects.select_related("account", "token_type")
        found = wallets.filter(account=cleaned["account"], token_type=cleaned["token_type"])
        cleaned["wallet"] = found.first()
        if cleaned["wallet"] is None:
            self.add_error("token_type", gettext("The account has no tokens of this type."))
            return cleaned
        price = cleaned["item"].token_prices.filter(token_type=cleaned["token_type"]).first()
        if price is None:
            self.add_error("item", gettext("This course can't be paid for with these tokens."))
            return cleaned
        cleaned["tokens"] = price.quantity
        return cleaned


class AssignForm(JobListForm):
    """Which order's tokens are given away; cleans ``order``."""

    order = forms.CharField(
        label=_("Token Order"),
        max_length=MAX_NUMBER,
        help_text=_("Its number, such as TO-000042."),
        widget=forms.TextInput(attrs={"class": "vTextField", "autocomplete": "off"}),
    )
    is_open = forms.ChoiceField(
        label=_("Who can use the token?"),
        required=False,
        choices=[
            ("", _("Only the person with this e-mail address")),
            ("1", _("Whoever has the code")),
        ],
        widget=forms.RadioSelect,
    )

    field_order = ("order", "file", "pasted", "is_open")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["is_open"].initial = ""
        self.fields["file"].help_text = _(
            "CSV or XLSX, with one column of names and one of addresses."
        )

    def clean_order(self) -> TokenOrder:
        text = self.cleaned_data["order"]
        orders = order_queries.search_orders(
            TokenOrder.objects.select_related("item", "buyer"), text
        )
        order = orders.first() if orders is not None else None
        if order is None or order.is_for_wallet:
            raise forms.ValidationError(gettext("There is no order of Token Codes “%s”.") % text)
        return order

    def read(self, content: bytes) -> list[assignment_queries.Row]:
        return read_file(content)


def _take(file: UploadedFile) -> bytes:
    if (file.size or 0) > MAX_LIST_BYTES:
        raise ListUnreadable("too_big")
    content: bytes = file.read()
    return content
