"""The versions of an object: looked at, and gone back to only where that is said."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from simple_history.admin import SimpleHistoryAdmin


class HistoryAdmin(SimpleHistoryAdmin):
    """An object with its versions; going back to one is a change, which the library doesn't ask."""

    object_history_template: Any = "admin/token_payments/history.html"

    def history_form_view(
        self,
        request: HttpRequest,
        object_id: str,
        version_id: str,
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        if request.method == "POST" and self.revert_disabled(request):
            raise PermissionDenied
        answer: HttpResponse = super().history_form_view(
            request, object_id, version_id, extra_context
        )
        return answer


class KeptHistoryAdmin(HistoryAdmin):
    """An earlier version is only shown: going back would bypass what freezing and the like check.

    Saving writes the fields that were changed, so that it undoes nothing that others did meanwhile.
    """

    def revert_disabled(self, request: HttpRequest, obj: Any = None) -> bool:
        return True

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        obj._history_user = request.user
        if not change:
            obj.save()
        elif form.changed_data:
            obj.save(update_fields=form.changed_data)
