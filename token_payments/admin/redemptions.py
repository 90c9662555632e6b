"""Redemptions: who paid for what, and with which code or tokens.

Only to be looked at, save that a payment can be reversed, and that learners who aren't enrolled, or
not in their group, can be put right.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib import admin, messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from token_payments.admin.base import ReadOnlyAdmin
from token_payments.admin.enrolling_again import (
    can_be_enrolled,
    enrol_again,
    explain_enrolment_state,
)
from token_payments.admin.filters import ListFilter
from token_payments.admin.formats import write_badge
from token_payments.admin.pages import acting, may_act
from token_payments.admin.reversing import reverse as reverse_payment
from token_payments.admin.wallets import texts
from token_payments.checkout import operations as checkout_operations
from token_payments.checkout import queries as checkout_queries
from token_payments.hosts import host, list_name_relations
from token_payments.hosts.people import list_name_fields
from token_payments.l10n.formats import format_money
from token_payments.models import GroupState, LedgerEntry, Redemption, RedemptionLogEntry
from token_payments.presenters.ledger_lines import EntryLine
from token_payments.presenters.payment_lines import write_method
from token_payments.wallets import queries as wallet_queries

#: What only a payment has that came to an end, or lost its enrolment.
ENDS = ("left_at", "missing_since", "reversed_at", "reversal_reason")
#: What only a learner has who was to join a group.
GROUP = ("group_tries", "group_tried_at", "group_problem")
WAITING_FOR_GROUP = (GroupState.PENDING, GroupState.FAILED)


class MethodFilter(ListFilter):
    title = _("payment method")
    parameter_name = "method"

    def list_options(self, request: HttpRequest) -> Iterable[tuple[str, Any]]:
        return [(method.slug, method.label) for method in checkout_queries.list_methods()]

    def get_condition(self, value: str) -> Q:
        return Q(method=value) if value else Q()


class EnrolmentFilter(ListFilter):
    """As the daily sweep saw it last: the platform can't be asked about every payment at once."""

    title = _("enrolment")
    parameter_name = "enrolment"
    options = {
        "missing": (_("Paid, not enrolled"), Q(missing_since__isnull=False)),
        "left": (_("Has left"), Q(left_at__isnull=False, live=True)),
    }


@admin.register(Redemption)
class RedemptionAdmin(ReadOnlyAdmin):
    list_title = _("Redemptions")
    pages = (acting("reverse", reverse_payment), acting("enrol_again", enrol_again))
    related = ("item", "code__order", "reversed_by", "wallet__account", "wallet__token_type")
    people = ("learner",)
    list_display = (
        "created_at",
        "state_badge",
        "learner_name",
        "course",
        "method_name",
        "paid_with",
        "group_placement",
    )
    list_display_links = ("created_at",)
    list_filter = ("state", EnrolmentFilter, "group_state", "group_problem", MethodFilter)
    search_help_text = _(
        "Search by learner, e-mail, course, account, or the last four characters of a code"
    )
    fields = (
        "learner_name",
        "course",
        "method_name",
        "code_ending",
        "order",
        "tokens_paid",
        "wallet_link",
        "entries",
        "state_badge",
        "mode",
        "paid_value",
        "group_placement",
        *GROUP,
        "created_at",
        "completed_at",
        "left_at",
        "missing_since",
        "reversed_at",
        "reversed_by_name",
        "reversal_reason",
    )
    readonly_fields = fields
    actions = ("place_in_group",)
    change_form_template = "admin/token_payments/redemption/change_form.html"
    change_list_template = "admin/token_payments/list_page.html"
    show_full_result_count = False

    def get_fields(self, request: HttpRequest, obj: Redemption | None = None) -> list[Any]:
        """Fields of the code or wallet that paid; entries for people who may see them."""
        ledger = self.admin_site.get_model_admin(LedgerEntry)
        left_out = {"tokens_paid", "wallet_link", "entries"}
        if obj is not None and obj.wallet is not None:
            left_out = {"code_ending", "order"}
            if not ledger.has_view_permission(request):
                left_out |= {"wallet_link", "entries"}
        if obj is not None:
            left_out |= {name for name in ENDS if not getattr(obj, name)}
            left_out |= set() if obj.reversed_at else {"reversed_by_name"}
            left_out |= {name for name in GROUP if not getattr(obj, name)}
        return [field for field in self.fields if field not in left_out]

    def get_search_fields(self, request: HttpRequest) -> list[str]:
        fields = ["item__title", "item__item_key", "code__last_four", "wallet__account__name"]
        return [*list_name_fields("learner__"), *fields]

    def describe(self, request: HttpRequest, row: Redemption) -> dict[str, Any]:
        """The title says whose payment it is: its number alone says nothing to people."""
        enrolment_state, may_reverse = (
            checkout_queries.get_enrolment_state(row),
            may_act(self, request),
        )
        facts = {"learner": self.learner_name(row), "course": self.course(row)}
        log = row.log.select_related(*list_name_relations("actor"))
        return {
            "title": gettext("%(learner)s: %(course)s") % facts,
            "subtitle": None,
            "may_reverse": may_reverse,
            "standing": explain_enrolment_state(enrolment_state),
            "may_enrol": may_reverse and can_be_enrolled(enrolment_state),
            "log": [_describe(entry) for entry in log],
        }

    def has_place_permission(self, request: HttpRequest) -> bool:
        """Django's permission to change redemptions allows nothing else, and nothing while off."""
        return may_act(self, request)

    @admin.action(description=_("Place the learners in their groups"), permissions=["place"])
    def place_in_group(self, request: HttpRequest, redemptions: QuerySet[Redemption]) -> None:
        """Again for those who are not placed yet, e.g. once the course has got the group."""
        waiting = redemptions.filter(live=True, group_state__in=WAITING_FOR_GROUP)
        now = timezone.now()
        states = [checkout_operations.place_in_group(redemption, now=now) for redemption in waiting]
        placed = states.count(GroupState.PLACED)
        failed = len(states) - placed
        text = ngettext("%(count)d learner was placed.", "%(count)d learners were placed.", placed)
        messages.success(request, text % {"count": placed})
        if failed:
            text = ngettext(
                "%(count)d learner could not be placed: see whether the course has the group.",
                "%(count)d learners could not be placed: see whether the course has the group.",
                failed,
            )
            messages.warning(request, text % {"count": failed})

    @admin.display(description=_("learner"), ordering="learner__username")
    def learner_name(self, redemption: Redemption) -> str:
        return host.get_full_name(redemption.learner)

    @admin.display(description=_("course"), ordering="item__title")
    def course(self, redemption: Redemption) -> str:
        return redemption.item.title or redemption.item.item_key

    @admin.display(description=_("payment method"), ordering="method")
    def method_name(self, redemption: Redemption) -> str:
        return write_method(redemption.method)

    @admin.display(description=_("token code"))
    def code_ending(self, redemption: Redemption) -> str:
        return f"…{redemption.code.last_four}" if redemption.code else "–"

    @admin.display(description=_("paid with"))
    def paid_with(self, redemption: Redemption) -> str:
        """The end of the code, or the tokens and whose they were."""
        if redemption.wallet is None:
            return self.code_ending(redemption)
        return f"{self.tokens_paid(redemption)} · {redemption.wallet.account}"

    @admin.display(description=_("tokens"))
    def tokens_paid(self, redemption: Redemption) -> str:
        if redemption.wallet is None:
            return "–"
        return texts.write_amount(redemption.tokens or 0, redemption.wallet.token_type)

    @admin.display(description=_("wallet"))
    def wallet_link(self, redemption: Redemption) -> str:
        if redemption.wallet is None:
            return "–"
        return texts.write_link(texts.statement_url(redemption.wallet), redemption.wallet)

    @admin.display(description=_("entries"))
    def entries(self, redemption: Redemption) -> str:
        """The tokens drawn from each issue, and those given back."""
        related = (*wallet_queries.ENTRY_RELATED, *list_name_relations("actor"))
        rows = redemption.entries.select_related(*related).order_by("id")
        return texts.write_lines(
            gettext("%(what)s: %(tokens)s, issue #%(issue)s (%(expiry)s), %(time)s")
            % {
                "what": line.what,
                "tokens": line.tokens,
                "issue": line.entry.issue_id,
                "expiry": line.expiry,
                "time": line.time,
            }
            for line in map(EntryLine, rows)
        )

    @admin.display(description=_("token order"))
    def order(self, redemption: Redemption) -> str:
        if redemption.code is None:
            return "–"
        order = redemption.code.order
        url = reverse("admin:token_payments_tokenorder_change", args=[order.pk])
        return format_html('<a href="{}">{}</a>', url, order.number)

    @admin.display(description=_("reversed by"))
    def reversed_by_name(self, redemption: Redemption) -> str:
        if redemption.reversed_by is None:
            return gettext("nobody: the rule for leaving")
        return host.get_full_name(redemption.reversed_by)

    @admin.display(description=_("state"), ordering="state")
    def state_badge(self, redemption: Redemption) -> str:
        badge = write_badge(redemption.state, redemption.get_state_display())
        if redemption.missing_since is None:
            return badge
        return format_html("{} {}", badge, write_badge("expired", gettext("Not enrolled")))

    @admin.display(description=_("price"))
    def paid_value(self, redemption: Redemption) -> str:
        return format_money(redemption.price, redemption.currency)

    @admin.display(description=_("group"), ordering="group_state")
    def group_placement(self, redemption: Redemption) -> str:
        """Also why not, and after how many tries: the task gives up after some."""
        placement = redemption.get_group_state_display()
        if not redemption.group_name:
            return placement
        text = f"{redemption.group_name}: {placement}"
        if not redemption.group_problem:
            return text
        tries = ngettext("%(count)d try", "%(count)d tries", redemption.group_tries)
        facts = {
            "problem": redemption.get_group_problem_display(),
            "tries": tries % {"count": redemption.group_tries},
        }
        if redemption.group_tries >= checkout_queries.MAX_TRIES:
            facts["tries"] = gettext("%(tries)s, not again by itself") % facts
        return f"{text} ({facts['problem']}; {facts['tries']})"


def _describe(entry: RedemptionLogEntry) -> dict[str, Any]:
    return {
        "time": texts.write_time(entry.created_at),
        "what": entry.get_action_display(),
        "actor": host.get_full_name(entry.actor),
        "reason": entry.reason,
    }
