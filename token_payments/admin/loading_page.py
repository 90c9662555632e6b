"""Loading from a file: choose it, see what each row comes to, confirm, and get a report.

Nothing of the file stays on the server: the page carries it, packed and signed for whoever chose
it, from the review to its confirmation. So what was looked at is what is loaded, and by whom.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext

from token_payments import conf
from token_payments.admin.loading_form import ConfirmLoadForm, FileForm, Packed, Upload
from token_payments.admin.pages import AdminPage, listing, name_model, render_page
from token_payments.db.numbers import read_number
from token_payments.imports import operations, verdicts
from token_payments.imports.kinds import Kind
from token_payments.imports.planning import By
from token_payments.imports.sheets import PAGE_BOUNDS, Sheet, read_sheet, write_template
from token_payments.imports.verdicts import AHEAD, DONE, FileRefused, Outcome, Plan, count
from token_payments.l10n.formats import format_number

SECONDS = 20.0  # that one request goes on with rows; what is left is for the next one
MAX_TOGETHER = 2000  # rows that change something, in the one transaction of a request
CONFIRM, DOWNLOAD, REPORT = "confirm", "download", "report"  # buttons


@dataclass(frozen=True)
class Loader:
    """A kind of file on the pages of a model; ``find_rights`` is (may add, may change).

    ``switched``: nobody loads while the plugin is off.
    """

    kind: Kind
    page: str
    link: Any  # the text of the link to the page, translated lazily
    find_rights: Callable[[admin.ModelAdmin, HttpRequest], tuple[bool, bool]]
    switched: bool = True

    def as_page(self) -> AdminPage:
        @transaction.non_atomic_requests
        def serve(model_admin: admin.ModelAdmin, request: HttpRequest) -> HttpResponse:
            return load(self, model_admin, request)

        return listing(self.page, serve, self.may_load, switched=self.switched)

    def may_load(self, model_admin: admin.ModelAdmin, request: HttpRequest, _row: Any) -> bool:
        return any(self.find_rights(model_admin, request))

    def get_url(self, model_admin: admin.ModelAdmin, request: HttpRequest) -> str:
        """The page's address for those who may load; else empty."""
        is_off = self.switched and not conf.is_enabled()
        if is_off or not self.may_load(model_admin, request, None):
            return ""
        return reverse(f"admin:{name_model(model_admin)}_{self.page}")


def load(loader: Loader, model_admin: admin.ModelAdmin, request: HttpRequest) -> HttpResponse:
    """The page in all its steps; a POST says by its button which one comes next."""
    if "template" in request.GET:
        return _send_csv(write_template(loader.kind), f"{loader.kind.name}.csv")
    return Visit(loader, model_admin, request).answer()


class Visit:
    """One request to the page of a loader."""

    def __init__(self, loader: Loader, model_admin: admin.ModelAdmin, request: HttpRequest) -> None:
        self.loader, self.model_admin, self.request = loader, model_admin, request
        self.rights = loader.find_rights(model_admin, request)
        self.packed = Packed(f"{loader.kind.name}.{request.user.pk}")

    def answer(self) -> HttpResponse:
        if self.request.method != "POST":
            return self._ask(FileForm())
        if REPORT in self.request.POST:
            return self._send_report()
        return self._go_on()

    def _go_on(self) -> HttpResponse:
        """With a file: to its review, or to what is done with it."""
        form = FileForm(self.request.POST, self.request.FILES, packed=self.packed)
        if not form.is_valid():
            return self._ask(form)
        upload: Upload = form.cleaned_data["upload"]
        try:
            sheet = read_sheet(self.loader.kind, upload.content, bounds=PAGE_BOUNDS)
        except FileRefused as error:
            form.add_error("file", str(error))
            return self._ask(form)
        if CONFIRM not in self.request.POST:
            return self._review(sheet, upload, ConfirmLoadForm(initial=self._carried()))
        confirm = ConfirmLoadForm(self.request.POST)
        answer = self._load if confirm.is_valid() else self._review
        return answer(sheet, upload, confirm)

    def _carried(self) -> dict[str, str]:
        """The values that were entered on the review, while one looks through its rows."""
        mode = self.request.POST.get("mode", "")
        return {
            "mode": mode if mode in dict(ConfirmLoadForm.MODES) else ConfirmLoadForm.TOGETHER,
            "reason": self.request.POST.get("reason", ""),
        }

    def _ask(self, form: FileForm) -> HttpResponse:
        return self._render(
            "ask",
            form=form,
            columns=self.loader.kind.columns,
            most=format_number(PAGE_BOUNDS.max_rows),
            megabytes=PAGE_BOUNDS.max_bytes // 1024 // 1024,
        )

    def _review(self, sheet: Sheet, upload: Upload, form: ConfirmLoadForm) -> HttpResponse:
        plans = list(operations.preview(sheet, self._by("")))
        if DOWNLOAD in self.request.POST:
            return _send_csv(verdicts.write_report(plans, AHEAD), self._name_file("check"))
        writing = sum(plan.is_writing for plan in plans)
        form.offer(
            has_errors=any(plan.outcome == Outcome.ERROR for plan in plans),
            too_many=writing > MAX_TOGETHER,
        )
        return self._render(
            "review",
            form=form,
            upload=upload,
            packed=self.packed.pack(upload),
            digest=sheet.digest[:12],
            writing_count=writing,
            writing=format_number(writing) if writing else "",
            most_together=format_number(MAX_TOGETHER),
            **describe_review(plans, AHEAD, self.request.POST),
        )

    def _load(self, sheet: Sheet, upload: Upload, form: ConfirmLoadForm) -> HttpResponse:
        reason = form.cleaned_data["reason"] or operations.name_reason(upload.name)
        by, is_kept, left = self._by(reason), True, 0
        if form.cleaned_data["mode"] == ConfirmLoadForm.TOGETHER:
            writing = sum(plan.is_writing for plan in operations.preview(sheet, by))
            if writing > MAX_TOGETHER:
                form.add_error("mode", form.explain_too_many(MAX_TOGETHER))
                return self._review(sheet, upload, form)
            loaded = operations.load_together(sheet, by)
            plans, is_kept = loaded.plans, loaded.is_kept
        else:
            plans = _load_for(SECONDS, sheet, by)
            left = len(sheet.rows) - len(plans)
        report = "".join(verdicts.write_report(plans, DONE))
        return self._render(
            "loaded",
            is_kept=is_kept,
            left=format_number(left) if left else "",
            has_errors=any(plan.outcome == Outcome.ERROR for plan in plans),
            upload=upload,
            packed=self.packed.pack(upload),
            report=self.packed.pack(Upload(upload.name, report.encode())),
            mode=form.cleaned_data["mode"],
            reason=form.cleaned_data["reason"],
            **describe_review(plans, DONE, {}),
        )

    def _send_report(self) -> HttpResponse:
        report = self.packed.unpack(self.request.POST[REPORT])
        if report is None:
            raise PermissionDenied
        return _send_csv([report.content.decode()], self._name_file("report"))

    def _by(self, reason: str) -> By:
        user: Any = self.request.user
        may_add, may_change = self.rights
        return By(user, reason, timezone.now(), may_add=may_add, may_change=may_change)

    def _name_file(self, what: str) -> str:
        return f"{self.loader.kind.name}-{what}.csv"

    def _render(self, template: str, **context: Any) -> HttpResponse:
        title = gettext("Load from a file: %(kind)s") % {"kind": self.loader.kind.title}
        return render_page(
            self.model_admin,
            self.request,
            template,
            folder="loading",
            title=title,
            kind=self.loader.kind,
            **context,
        )


def _load_for(seconds: float, sheet: Sheet, by: By) -> Sequence[Plan]:
    """Row by row as far as the time goes."""
    started, plans = time.monotonic(), []
    for plan in operations.load_each(sheet, by):
        plans.append(plan)
        if time.monotonic() - started > seconds:
            break
    return plans


def _send_csv(pieces: Any, name: str) -> HttpResponse:
    answer = HttpResponse("".join(pieces), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    answer["Cache-Control"] = "no-store"
    return answer


PAGE_SIZE = 100
MAX_CHANGES = 8  # of a row, that the table shows
SHOW, PAGE = "show", "page"
BADGES = {
    Outcome.ERROR: "cancelled",
    Outcome.NOT_DONE: "requested",
    Outcome.CREATE: "active",
    Outcome.UPDATE: "processing",
    Outcome.UNCHANGED: "used",
}


def describe_review(
    plans: Sequence[Plan], labels: Mapping[Outcome, Any], chosen: Mapping[str, str]
) -> dict[str, Any]:
    """The context of the table's templates; ``chosen`` has the filter and the page."""
    counts = count(plans)
    show = chosen.get(SHOW, "")
    outcome = Outcome(show) if show in counts else next(iter(counts))
    matching = [plan for plan in plans if plan.outcome == outcome]
    pages = -(-len(matching) // PAGE_SIZE)
    page = min(max(read_number(chosen.get(PAGE, "")) or 1, 1), pages)
    start = (page - 1) * PAGE_SIZE
    return {
        "total": format_number(len(plans)),
        "counts": [
            {
                "outcome": each.value,
                "label": labels[each],
                "number": format_number(number),
                "is_shown": each == outcome,
            }
            for each, number in counts.items()
        ],
        "shown": outcome.value,
        "page": page,
        "pages": pages,
        "newer": page - 1,
        "older": page + 1 if page < pages else 0,
        "rows": [_describe_row(plan, labels) for plan in matching[start : start + PAGE_SIZE]],
    }


def _describe_row(plan: Plan, labels: Mapping[Outcome, Any]) -> dict[str, Any]:
    changes = verdicts.describe_changes(plan) if not plan.problems else []
    return {
        "line": format_number(plan.line),
        "subject": plan.subject,
        "label": labels[plan.outcome],
        "badge": BADGES[plan.outcome],
        "problems": plan.problems,
        "changes": changes[:MAX_CHANGES],
    }
