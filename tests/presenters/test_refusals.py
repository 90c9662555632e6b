"""The catalogue has words for every error and everybody who meets it, and every reason."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from django.utils.translation import override

from tests.presenters.catalogue import Kind, list_keys
from token_payments import errors
from token_payments.assignments.rows import Row, Verdict
from token_payments.checkout.queries import AvailabilityState
from token_payments.hosts.base import HostRefusal
from token_payments.orders.states import ORDER_TRANSITIONS
from token_payments.presenters.refusals import (
    CATALOGUE,
    Audience,
    NextStep,
    describe_reason,
    describe_refusal,
    describe_row,
    get_texts,
)

L, C, S, P = Audience

#: Who can meet an error; a program, which gets its title, can meet each.
MET: dict[Kind, tuple[Audience, ...]] = {
    errors.TokenPaymentsError: (L, C),
    errors.ConfigurationError: (L, C, S),
    errors.IdempotencyConflict: (C, S),
    errors.KeyReused: (),
    errors.RequestRunning: (),
    errors.ClaimLost: (),
    errors.VersionConflict: (S,),
    errors.NameTaken: (S,),
    errors.InvalidTransition: (C, S),
    errors.NotEnoughUnused: (C, S),
    errors.CancellingNotAllowed: (C,),
    errors.RefundTooHigh: (S,),
    errors.NumberTaken: (C,),
    errors.OrderPriceChanged: (),  # buyers get the review again, with the new price
    errors.ItemNotFound: (L, C, S),
    errors.InvalidItem: (S,),
    errors.PaymentRefused: (L,),
    errors.NotOffered: (L, C, S),
    errors.AlreadyEnrolled: (L, C, S),
    errors.AlreadyPaid: (L, C, S),
    errors.NoSeats: (L, C, S),
    errors.HostRefused: (L, C, S),
    errors.ChoiceRefused: (L,),
    errors.CodeMistyped: (L,),
    errors.CodeNotRedeemable: (L, C),
    errors.MailOutcomeUnknown: (),
    errors.ListUnreadable: (C, S),
    errors.ListChanged: (C,),
    errors.LedgerIsAppendOnly: (),
    errors.InsufficientTokens: (L, C, S),
    errors.AccountFrozen: (L, C, S),
    errors.NotAMember: (L, C, S),
    errors.NotAManager: (L, C, S),
    errors.NotADistributor: (S,),
    errors.JobBusy: (S,),
    errors.WalletNotChosen: (L,),
    errors.TokenPriceChanged: (L, C, S),
    errors.AddressesRefused: (C, S),
    errors.TooManyPeople: (C, S),
    errors.LastManager: (C, S),
    errors.TypeArchived: (C, S),
    errors.TypeInUse: (),  # staff get the list of what uses it
    errors.ManualIssuesNotAllowed: (S,),
    errors.AdjustmentsNotAllowed: (S,),
    errors.IssueExpired: (C, S),
    errors.IssueFull: (S,),
    errors.ExpiryNotLater: (S,),
    errors.TransfersNotAllowed: (C,),
    errors.TransferToItself: (C, S),
    errors.EndpointRefused: (S,),
    errors.TooManyEndpoints: (S,),
    errors.TooManyAttempts: (L,),
    errors.TooManyMisses: (C,),
    errors.DoneTooOften: (C,),
}

EXAMPLES: dict[Kind, dict[str, Any]] = {
    errors.NameTaken: {"field": "name"},
    errors.InvalidTransition: {"subject": "Order TO-1", "state": "processed", "operation": "x"},
    errors.NotEnoughUnused: {"wanted": 3, "available": 1, "assigned": 1},
    errors.RefundTooHigh: {"limit": 9},
    errors.NumberTaken: {"field": "purchase_order"},
    errors.InvalidItem: {"problems": {"price": "no_price"}},
    errors.NotOffered: {"subject": "course"},
    errors.HostRefused: {"reason": "full"},
    errors.CodeNotRedeemable: {"reason": "used", "redeem_by": datetime(2026, 1, 1, tzinfo=UTC)},
    errors.ListUnreadable: {"reason": "too_big"},
    errors.ListChanged: {"rows": [Row(1, "", "a@b.cd", Verdict.ASSIGNED)]},
    errors.InsufficientTokens: {"wanted": 2, "available": 1},
    errors.TokenPriceChanged: {"agreed": 7, "now": 9},
    errors.AddressesRefused: {"reason": "no_address", "address": "x"},
    errors.TooManyPeople: {"limit": 200},
    errors.IssueFull: {"room": 1},
    errors.EndpointRefused: {"reason": "port"},
    errors.TooManyEndpoints: {"limit": 20},
    errors.TooManyAttempts: {"wait": 61},
    errors.TooManyMisses: {"wait": 61},
    errors.DoneTooOften: {"wait": 61},
}
#: What those who ask fill in beside the error's own facts.
FACTS = {
    "order": "TO-1",
    "course": "Fire Safety",
    "holder": "a@b.cd",
    "time": "12:00",
    "megabytes": 2,
    "rows": 10,
    "key": "course-v1:A+B+C",
    "currency": "GBP",
    "mode": "verified",
    "modes": "audit",
    "limit": "£9.00",
}
REASONS = {
    kind: tuple(HostRefusal) if kind is errors.HostRefused else kind.reasons
    for kind in MET
    if kind.reasons or kind is errors.HostRefused
}


def list_errors() -> list[Kind]:
    return [
        each
        for name, each in inspect.getmembers(errors, inspect.isclass)
        if issubclass(each, errors.TokenPaymentsError) and not name.startswith("_")
    ]


def make(kind: Kind) -> errors.TokenPaymentsError:
    return kind(**EXAMPLES.get(kind, {}))


def list_told() -> Iterator[tuple[Kind, Audience, str]]:
    """Everything that the catalogue says, by the keys that it goes by."""
    for kind in CATALOGUE:
        for audience in MET[kind]:
            for key in list_keys(kind, audience):
                yield kind, audience, key


def test_every_error_says_who_meets_it() -> None:
    assert set(MET) == set(list_errors())


@pytest.mark.parametrize("kind", list_errors(), ids=lambda kind: kind.__name__)
def test_every_error_has_words_of_its_own_for_everybody_who_meets_it(kind: Kind) -> None:
    entry = CATALOGUE[kind]
    assert entry.title
    has_words = {audience for audience in (L, C, S) if getattr(entry, audience.value)}
    assert has_words == set(MET[kind])


@pytest.mark.parametrize("kind", REASONS, ids=lambda kind: kind.__name__)
def test_every_reason_has_words_for_everybody_who_meets_it(kind: Kind) -> None:
    """A reason without words of its own gets those for any other case, where there are any."""
    for audience in MET[kind]:
        for reason in REASONS[kind]:
            assert get_texts(kind, audience, reason=reason) is not None, reason
        keys = {key.rpartition(".")[2] for key in list_keys(kind, audience)}
        has_rest = "" in keys or keys == {""}
        assert has_rest or set(REASONS[kind]) <= keys


@pytest.mark.parametrize("kind", MET, ids=lambda kind: kind.__name__)
def test_everything_is_told_in_whole_sentences(kind: Kind) -> None:
    for each, audience, key in list_told():
        if each is not kind:
            continue
        about, _, reason = key.rpartition(".")
        error = make(kind)
        told = describe_refusal(error, audience=audience, about=about, reason=reason, **FACTS)
        assert told.title
        assert re.search(r"[.”]$", told.text), told.text
        assert "%(" not in f"{told.title} {told.text} {told.line}"
        assert told.line.endswith(".")


@pytest.mark.parametrize("kind", MET, ids=lambda kind: kind.__name__)
def test_a_program_is_told_title_code_and_facts_of_every_error(kind: Kind) -> None:
    told = describe_refusal(make(kind), audience=P)
    assert told.title == str(CATALOGUE[kind].title)
    assert set(told.facts) == set(CATALOGUE[kind].facts)
    assert 400 <= told.status < 600


def test_where_account_frozen_is_worded() -> None:
    error = errors.AccountFrozen("Acme")
    assert describe_refusal(error, audience=L).sentence.startswith("This account is frozen")
    transfer = describe_refusal(error, audience=C, about="transfer")
    assert transfer.sentence.startswith("“Acme” is frozen, so nothing can leave it")
    assert transfer.advice == "Ask the site's support to unfreeze it."
    assert describe_refusal(error, audience=S).text == "“Acme” is frozen: unfreeze it first."
    assert describe_refusal(error, audience=P).title == "The account is frozen"


def test_a_child_is_told_as_its_parent_and_what_nobody_foresaw_is_raised() -> None:
    class GiftCardEmpty(errors.ChoiceRefused, reason="gift_card_empty"):
        pass

    told = describe_refusal(GiftCardEmpty(), audience=L)
    assert told.sentence == "This can't pay for the course. Nothing was taken."
    assert describe_refusal(GiftCardEmpty(), audience=P).code == "gift_card_empty"
    with pytest.raises(errors.LedgerIsAppendOnly):
        describe_refusal(errors.LedgerIsAppendOnly("update"), audience=S)
    with pytest.raises(LookupError):
        get_texts(errors.JobBusy, P)


def test_numbers_are_written_and_counted_in_the_readers_language() -> None:
    error = errors.IssueFull(room=1200)
    assert "1,200 more tokens" in describe_refusal(error, audience=S).sentence
    assert "1 more token." in describe_refusal(errors.IssueFull(room=1), audience=S).sentence
    with override("fr"):
        assert "1\u202f200" in describe_refusal(error, audience=S).sentence


def test_a_wait_in_seconds_is_told_in_minutes_that_are_over_then() -> None:
    for wait, text in ((1, "in 1 minute."), (60, "in 1 minute."), (61, "in 2 minutes.")):
        error = errors.DoneTooOften(wait=wait)
        assert text in describe_refusal(error, audience=C).advice


def test_only_the_pages_of_learners_lead_on() -> None:
    full, paid = errors.HostRefused("full"), errors.AlreadyPaid()
    assert describe_refusal(full, audience=L).next_step == NextStep.ABOUT
    assert describe_refusal(paid, audience=L).next_step == NextStep.ENROL_AGAIN


def test_rows_of_lists_have_words_for_all_that_can_be_kept_with_them() -> None:
    states = {state for steps in ORDER_TRANSITIONS.values() for state in steps} - {"processed"}
    kept = {*Verdict, *HostRefusal, "duplicate", "ambiguous", "failed", "past_redeem_by", *states}
    kept |= {kind.reason for kind in MET if S in MET[kind] or C in MET[kind]}
    other = describe_reason("a reason of the host's own")
    assert other == "The site doesn't allow this enrolment"
    for reason in kept - {HostRefusal.PREVENTED}:
        assert describe_reason(reason) != other, reason
    assert describe_reason("") == ""
    assert describe_reason("account_frozen") == "The account is frozen"
    assert describe_row("account_frozen", audience=C).advice


def test_a_course_that_cant_be_joined_is_told_in_a_line() -> None:
    for reason in ("already_paid", "no_seats", "configuration", *AvailabilityState, *HostRefusal):
        assert describe_row(reason, audience=L).line.count(".") in (1, 2)
    assert describe_row("full", audience=L).line == "This course is full."
