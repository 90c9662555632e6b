"""Managers pay for several members at once: choose, look at what it would take, pay."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _

from token_payments.catalogue import queries as catalogue_queries
from token_payments.checkout import operations as checkout_operations
from token_payments.checkout import queries as checkout_queries
from token_payments.errors import NotAManager, TokenPaymentsError, TooManyPeople
from token_payments.hosts import host
from token_payments.hosts.people import get_user
from token_payments.l10n.formats import format_number
from token_payments.models import AccountMember, CatalogueItem, TokenPrice, Wallet
from token_payments.portal.pages import render_page
from token_payments.portal.tokens.access import find_wallet, get_managed, tokens_page
from token_payments.portal.tokens.forms import PayForm, PeopleForm, read_ids
from token_payments.presenters.delegates import get_members_page, name_members
from token_payments.presenters.holdings import list_holdings
from token_payments.presenters.once import KEY, make_key
from token_payments.presenters.refusals import Audience, describe_refusal, describe_row
from token_payments.wallets import queries as wallet_queries

LISTED = 200  # members to tick; of a larger account the others can be pasted
EDIT = "edit"  # the preview's button that leads back to the form


@tokens_page
def enrol_members(request: HttpRequest, account_id: int) -> HttpResponse:
    """The form; POST shows what paying would take, and takes nothing."""
    member = get_managed(request, account_id)
    choices = _list_choices(member)
    data = request.POST if request.method == "POST" else None
    initial = {"price": request.GET.get("price", "")}
    form = PeopleForm(data, choices=choices, limit=checkout_queries.MAX_PEOPLE, initial=initial)
    if data is None or EDIT in data or not form.is_valid():
        return _show_form(request, member, form, has_courses=bool(choices))
    wallet, item = _get_price(member, form.cleaned_data["price"])
    people = checkout_queries.get_people(
        member.account, user_ids=form.user_ids, names=form.cleaned_data["names"]
    )
    try:
        preview = checkout_queries.preview_members(
            actor=get_user(request),
            wallet=wallet,
            item_key=item.item_key,
            people=people,
            now=timezone.now(),
        )
    except TokenPaymentsError as error:
        form.add_error("price", describe_refusal(error, audience=Audience.CUSTOMER).text)
        return _show_form(request, member, form, has_courses=True)
    return _show_preview(request, member, form, preview)


# Outside ATOMIC_REQUESTS: each person's payment is a transaction of its own, and stays.
@transaction.non_atomic_requests
@tokens_page
def pay_for_members(request: HttpRequest, account_id: int) -> HttpResponse:
    """Pay, and show what became of each person; the same form sent again pays for nobody twice."""
    member = get_managed(request, account_id)
    form = PayForm(request.POST)
    if request.method != "POST" or not form.is_valid():
        return redirect("token_payments:enrol_members", account_id=account_id)
    wallet, item = _get_price(member, form.cleaned_data["price"])
    user_ids = read_ids(request.POST.getlist("person"))
    try:
        results = checkout_operations.pay_for_members(
            actor=get_user(request),
            wallet=wallet,
            item_key=item.item_key,
            tokens=form.cleaned_data["tokens"],
            user_ids=user_ids,
            idempotency_key=form.cleaned_data["idempotency_key"],
            now=timezone.now(),
        )
    except (NotAManager, TooManyPeople):
        return redirect("token_payments:enrol_members", account_id=account_id)
    return _show_results(request, wallet, item, results, user_ids)


def _show_results(
    request: HttpRequest,
    wallet: Wallet,
    item: CatalogueItem,
    results: Sequence[checkout_operations.MemberResult],
    user_ids: Sequence[int],
) -> HttpResponse:
    paid = [result.redemption for result in results if result.redemption]
    return render_page(
        request,
        "tokens/results.html",
        account=wallet.account,
        title=item.title or item.item_key,
        wallet=wallet,
        tokens=sum(redemption.tokens or 0 for redemption in paid),
        balance=wallet_queries.get_balance(wallet, timezone.now()).available,
        paid=len(paid),
        refused=len(results) - len(paid),
        left_out=len(user_ids) - len(results),
        rows=[
            {
                "name": host.get_full_name(result.learner),
                "username": result.learner.get_username(),
                "redemption": result.redemption,
                "verdict": _explain(result.reason),
            }
            for result in results
        ],
        hidden=_list_hidden(request.POST, user_ids),
    )


def _show_form(
    request: HttpRequest, member: AccountMember, form: PeopleForm, *, has_courses: bool
) -> HttpResponse:
    listed = get_members_page(member.account, 1, LISTED)
    ticked = set(form.user_ids)
    is_edited = EDIT in request.POST
    return render_page(
        request,
        "tokens/enrol.html",
        account=member.account,
        form=form,
        errors=[] if is_edited else form.list_errors(),
        is_edited=is_edited,
        has_courses=has_courses,
        limit=checkout_queries.MAX_PEOPLE,
        people=[
            {
                "user": each.user,
                "name": name,
                "known_as": each.user.email if each.address_known else each.user.username,
                "ticked": each.user_id in ticked,
            }
            for each, name in name_members(listed)
        ],
        has_more=listed.has_next(),
    )


def _show_preview(
    request: HttpRequest,
    member: AccountMember,
    form: PeopleForm,
    preview: checkout_queries.MembersPreview,
) -> HttpResponse:
    pay = {"price": form.cleaned_data["price"], "tokens": preview.tokens, KEY: make_key()}
    return render_page(
        request,
        "tokens/preview.html",
        account=member.account,
        preview=preview,
        title=preview.offer.host_item.title,
        token_type=preview.wallet.token_type,
        rows=[
            {
                "entered": person.entered,
                "name": host.get_full_name(person.learner) if person.learner else "",
                "verdict": _explain(person.reason),
            }
            for person in preview.people
        ],
        refused=len(preview.people) - len(preview.payable),
        hidden=_list_hidden(pay, [learner.pk for learner in preview.payable]),
        entered={
            "price": form.cleaned_data["price"],
            "names": form.data.get("names", ""),
            "user_ids": form.user_ids,
        },
    )


def _explain(reason: str) -> str:
    """Why somebody isn't paid for, and what to do; empty for whoever is."""
    return describe_row(reason, audience=Audience.CUSTOMER).text if reason else ""


def _list_choices(member: AccountMember) -> list[tuple[str, list[tuple[str, str]]]]:
    """The courses that the account's tokens pay for, by type of tokens, with price and balance."""
    holdings = list_holdings([member.account_id], timezone.now())
    prices = catalogue_queries.list_priced_items([each.wallet.token_type_id for each in holdings])
    groups = []
    for holding in holdings:
        wallet, available = holding.wallet, format_number(holding.balance.available)
        mine = [price for price in prices if price.token_type_id == wallet.token_type_id]
        if mine:
            facts = {"type": wallet.token_type, "available": available}
            label = _("%(type)s: %(available)s can be spent") % facts
            groups.append((label, [(_write_value(price), _write_label(price)) for price in mine]))
    return groups


def _write_value(price: TokenPrice) -> str:
    return f"{price.token_type_id}:{price.item_id}"


def _write_label(price: TokenPrice) -> str:
    facts = {
        "title": price.item.title or price.item.item_key,
        "tokens": format_number(price.quantity),
        "type": price.token_type,
    }
    return _("%(title)s (%(tokens)s %(type)s)") % facts


def _get_price(member: AccountMember, value: str) -> tuple[Wallet, CatalogueItem]:
    """The wallet and the item that a choice names. Raises Http404 when either isn't there."""
    type_id, item_id = map(int, value.split(":"))
    wallet = find_wallet(member, type_id)
    return wallet, get_object_or_404(CatalogueItem, pk=item_id)


def _list_hidden(data: Any, user_ids: Sequence[int]) -> list[tuple[str, Any]]:
    fields = [(name, data[name]) for name in ("price", "tokens", KEY)]
    return fields + [("person", user_id) for user_id in user_ids]
