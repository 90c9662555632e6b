"""The forms of a load: the file, and how it is to be applied; and the file on its way between."""

from __future__ import annotations

import base64
import json
import zlib
from binascii import Error as NotBase64
from dataclasses import dataclass
from typing import Any

from django import forms
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.core.signing import BadSignature, Signer
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from token_payments.imports.sheets import PAGE_BOUNDS
from token_payments.l10n.formats import format_number

OTHER_FIELDS = 64 * 1024  # bytes of a request, beside the packed file
MAX_UNPACKED = 32 * 1024 * 1024  # a report is longer than its file


@dataclass(frozen=True)
class Upload:
    name: str
    content: bytes


class Packed:
    """A file as a text that only this server makes, for one user and kind of file: ``scope``."""

    def __init__(self, scope: str) -> None:
        self.signer = Signer(salt=f"token_payments.imports.{scope}")

    def pack(self, upload: Upload) -> str:
        head = json.dumps(upload.name).encode()
        body = zlib.compress(head + b"\n" + upload.content, level=9)
        return self.signer.sign(base64.urlsafe_b64encode(body).decode())

    def unpack(self, text: str) -> Upload | None:
        """None for what wasn't made by ``pack``, for this user and kind."""
        try:
            body = base64.urlsafe_b64decode(self.signer.unsign(text))
        except (BadSignature, NotBase64, ValueError):
            return None
        content = zlib.decompressobj().decompress(body, MAX_UNPACKED)
        head, _newline, content = content.partition(b"\n")
        return Upload(json.loads(head), content)


class FileForm(forms.Form):
    """A file, chosen now or carried by the page; cleans ``upload``."""

    file = forms.FileField(
        label=_("File"),
        required=False,
        widget=forms.ClearableFileInput(
            attrs={"accept": ".csv,.xlsx,text/csv", "aria-describedby": "id_file_helptext"}
        ),
        help_text=_("CSV or XLSX, with the headings in the first row."),
    )
    packed = forms.CharField(required=False, widget=forms.HiddenInput, strip=False)

    def __init__(self, *args: Any, packed: Packed | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.packing = packed

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if "file" in self.errors:
            return cleaned
        if cleaned.get("packed"):
            cleaned["upload"] = self._unpack(cleaned["packed"])
        elif cleaned.get("file"):
            cleaned["upload"] = self._read(cleaned["file"])
        else:
            self.add_error("file", gettext("Choose a file."))
        return cleaned

    def _unpack(self, text: str) -> Upload:
        upload = self.packing.unpack(text) if self.packing else None
        if upload is None:
            raise forms.ValidationError(
                {"file": gettext("This page is incomplete: choose the file once more.")}
            )
        return upload

    def _read(self, file: UploadedFile) -> Upload:
        assert self.packing is not None
        too_large = gettext(
            "The file is too large for this page (%(megabytes)s MB, %(rows)s rows). Divide it, or "
            "have it loaded with the command token_payments_load."
        ) % {
            "megabytes": PAGE_BOUNDS.max_bytes // 1024 // 1024,
            "rows": format_number(PAGE_BOUNDS.max_rows),
        }
        if (file.size or 0) > PAGE_BOUNDS.max_bytes:
            raise forms.ValidationError({"file": too_large})
        upload = Upload(file.name or "", file.read())
        most = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        if most is not None and len(self.packing.pack(upload)) > most - OTHER_FIELDS:
            raise forms.ValidationError({"file": too_large})
        return upload


class ConfirmLoadForm(forms.Form):
    """How the file is applied, and why."""

    TOGETHER, EACH = "together", "each"
    MODES = (
        (TOGETHER, _("All or nothing: if one row fails, none is loaded")),
        (EACH, _("Row by row: rows that are fine are loaded, whatever becomes of the others")),
    )

    mode = forms.ChoiceField(label=_("How"), choices=MODES, widget=forms.RadioSelect)
    reason = forms.CharField(
        label=_("Reason"),
        required=False,
        max_length=100,
        help_text=_("Kept in the history of what is changed. Empty: the name of the file."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].widget.attrs["class"] = "vTextField"

    def offer(self, *, has_errors: bool, too_many: bool) -> None:
        """Leave out all-or-nothing where it can't be."""
        field = self.fields["mode"]
        assert isinstance(field, forms.ChoiceField)
        if has_errors or too_many:
            field.choices = [self.MODES[1]]
            self.initial["mode"] = self.EACH

    @staticmethod
    def explain_too_many(most: int) -> str:
        text = gettext(
            "All or nothing is for at most %(most)s changes here: choose row by row, or have the "
            "file loaded with the command token_payments_load."
        )
        return text % {"most": format_number(most)}
