"""Which kinds of file are loaded on the pages of which model, and by whom."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from token_payments.admin.loading_page import Loader
from token_payments.admin.pages import may_add, may_change
from token_payments.imports import kinds


def _get_rights(model_admin: admin.ModelAdmin, request: HttpRequest) -> tuple[bool, bool]:
    return may_add(model_admin, request), may_change(model_admin, request)


def _get_right_to_add(model_admin: admin.ModelAdmin, request: HttpRequest) -> tuple[bool, bool]:
    return may_add(model_admin, request), False


def _get_right_to_change(model_admin: admin.ModelAdmin, request: HttpRequest) -> tuple[bool, bool]:
    """Parts of an object are added and changed by people who may change the object."""
    return (may_change(model_admin, request),) * 2


ACCOUNTS = Loader(kinds.ACCOUNTS, "load", _("Load accounts"), _get_rights)
MEMBERS = Loader(kinds.MEMBERS, "load_members", _("Load members"), _get_right_to_change)
ISSUES = Loader(kinds.ISSUES, "load", _("Load issues"), _get_right_to_add)
PRICES = Loader(kinds.PRICES, "load", _("Load prices"), _get_right_to_change, switched=False)


def list_links(
    model_admin: admin.ModelAdmin, request: HttpRequest, *loaders: Loader
) -> list[dict[str, Any]]:
    """The links of a list for people who may load into it."""
    links = [{"url": each.get_url(model_admin, request), "label": each.link} for each in loaders]
    return [link for link in links if link["url"]]
