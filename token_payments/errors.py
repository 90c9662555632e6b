"""Every error that the plugin raises: the facts, without HTTP and without words for people.

Each has a ``reason``, a stable word for programs; a class with several lists them in ``reasons``.
What people read of each stands in ``presenters/refusals``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar


class TokenPaymentsError(Exception):
    """The base of all; ``reason`` names the fact."""

    reason = "error"
    reasons: ClassVar[Sequence[str]] = ()

    def __init_subclass__(cls, *, reason: str = "", **more: Any) -> None:
        super().__init_subclass__(**more)
        if reason:
            cls.reason = reason


class _WithReason(Exception):
    """``reason`` is one of the class's ``reasons``."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class _WithField(Exception):
    """``field`` is the one that it is about."""

    def __init__(self, field: str) -> None:
        super().__init__(field)
        self.field = field


class _WithLimit(Exception):
    """``limit`` is the most that is allowed."""

    def __init__(self, *, limit: Any) -> None:
        super().__init__(f"at most {limit}")
        self.limit = limit


class _WithWait(Exception):
    """``wait`` is how long to wait, in seconds."""

    def __init__(self, *, wait: int) -> None:
        super().__init__(f"wait {wait} s")
        self.wait = wait


class ConfigurationError(TokenPaymentsError, reason="configuration"):
    """The operator's settings don't allow it: a key is missing or a dotted path leads nowhere."""


class IdempotencyConflict(TokenPaymentsError, reason="idempotency_conflict"):
    """The idempotency key was used before, with other arguments."""


class KeyReused(IdempotencyConflict, reason="key_reused"):
    """The Idempotency-Key of a request to the API was used before, for another request."""


class RequestRunning(TokenPaymentsError, reason="request_running"):
    """A request with this Idempotency-Key is running: its answer isn't known yet."""


class ClaimLost(RequestRunning):
    """The request took so long that it was taken for dead, and is run again elsewhere."""


class VersionConflict(TokenPaymentsError, reason="version_conflict"):
    """Somebody changed the object since it was read; nothing was changed now."""


class NameTaken(_WithField, TokenPaymentsError, reason="name_taken"):
    """Another object has this name or number."""


class InvalidTransition(TokenPaymentsError, reason="invalid_transition"):
    """The life cycle has no such step from ``state``, where the object is."""

    def __init__(self, subject: str, state: str, operation: str) -> None:
        super().__init__(f"{subject} is {state}: {operation} is not possible")
        self.state, self.operation = state, operation


class NotEnoughUnused(TokenPaymentsError, reason="not_enough_unused"):
    """More codes or wallet tokens of an order are wanted than are unused and unassigned.

    ``assigned`` are unused codes that learners were given, where it was asked to leave them alone.
    ``chosen``: both numbers are of those that were chosen by their serial numbers.
    """

    def __init__(
        self, *, wanted: int, available: int, assigned: int = 0, chosen: bool = False
    ) -> None:
        super().__init__(f"{wanted} wanted, {available} available, {assigned} assigned")
        self.wanted, self.available, self.assigned = wanted, available, assigned
        self.chosen = chosen


class CancellingNotAllowed(TokenPaymentsError, reason="cancelling_not_allowed"):
    """Buyers don't cancel by themselves on this site: they ask for it."""


class RefundTooHigh(_WithLimit, TokenPaymentsError, reason="refund_too_high"):
    """The refund would exceed what the order cost less what was refunded before."""


class NumberTaken(_WithField, TokenPaymentsError, reason="number_taken"):
    """Another order has this number: ``field`` is purchase_order or invoice_number."""


class OrderPriceChanged(TokenPaymentsError, reason="order_price_changed"):
    """The price isn't the one that the buyer agreed to; nothing was ordered."""


class ItemNotFound(TokenPaymentsError, reason="item_not_found"):
    """The host has no such course, or the catalogue no such item."""


class InvalidItem(TokenPaymentsError, reason="invalid_item"):
    """A catalogue item can't be saved like this; ``problems`` has one of ``reasons`` by field."""

    reasons = (
        *("item_not_found", "unknown_currency", "no_currency", "unknown_mode", "no_paid_mode"),
        *("no_price", "no_payment_method", "no_token_price", "token_price_too_low"),
        "type_archived",
    )

    def __init__(self, problems: Mapping[str, str]) -> None:
        super().__init__(", ".join(f"{field}: {reason}" for field, reason in problems.items()))
        self.problems = problems


class PaymentRefused(TokenPaymentsError, reason="payment_refused"):
    """This learner can't pay for this item, or not in this way; nothing was taken."""


class NotOffered(PaymentRefused, reason="not_offered"):
    """The item isn't sold for tokens, the site's switch is off, or it takes other methods."""

    reasons = ("not_offered", "payments_off", "method_gone")

    def __init__(self, subject: str, reason: str = "not_offered") -> None:
        super().__init__(subject)
        self.reason = reason


class AlreadyEnrolled(PaymentRefused, reason="already_enrolled"):
    """Nothing is taken of a learner who is enrolled."""


class AlreadyPaid(PaymentRefused, reason="already_paid"):
    """The learner paid for this item before and may be enrolled again without paying."""


class NoSeats(PaymentRefused, reason="no_seats"):
    """All seats that the catalogue item offers are taken."""


class HostRefused(PaymentRefused):
    """The host won't enrol: ``reason`` is one of ``hosts.base.Refusal``."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(detail or reason)
        self.reason = reason


class ChoiceRefused(PaymentRefused, reason="choice_refused"):
    """Not with what was chosen to pay with: another code, or another wallet, may do."""


class CodeMistyped(PaymentRefused, reason="code_mistyped"):
    """Not a Token Code: empty, of another length or with a wrong check character."""


class CodeNotRedeemable(ChoiceRefused):
    """The code can't pay for this.

    ``reason`` (unconfirmed: the address, which is the learner's, isn't) is for those who may know
    it; strangers get one text for all. ``order_id`` is None for an unknown code, ``holder`` the
    address that the code is assigned to, if it is to any.
    """

    reasons = (
        *("unknown", "cancelled", "used", "wrong_course", "past_redeem_by"),
        *("order_not_processed", "assigned", "unconfirmed"),
    )

    def __init__(
        self,
        reason: str,
        *,
        order_id: int | None = None,
        redeem_by: datetime | None = None,
        holder: str = "",
    ) -> None:
        super().__init__(reason)
        self.reason, self.order_id, self.redeem_by = reason, order_id, redeem_by
        self.holder = holder


class MailOutcomeUnknown(TokenPaymentsError, reason="mail_outcome_unknown"):
    """The connection broke off while a mail was being sent: it may have left or not."""


class ListUnreadable(_WithReason, TokenPaymentsError, reason="list_unreadable"):
    """A list or a file can't be read."""

    reasons = ("too_big", "too_long", "old_format", "not_a_list", "empty")


class ListChanged(TokenPaymentsError, reason="list_changed"):
    """Not every row of a list gets a token any more: ``rows`` have their verdicts of now."""

    def __init__(self, rows: Sequence[Any]) -> None:
        super().__init__(f"{len(rows)} rows")
        self.rows = rows


class LedgerIsAppendOnly(TokenPaymentsError, reason="ledger_is_append_only"):
    """Issues and ledger entries are added, never changed or deleted."""


class InsufficientTokens(ChoiceRefused, reason="insufficient_tokens"):
    """The wallet has fewer usable tokens than are wanted."""

    def __init__(self, *, wanted: int, available: int) -> None:
        super().__init__(f"{wanted} tokens wanted, {available} available")
        self.wanted, self.available = wanted, available


class AccountFrozen(ChoiceRefused, reason="account_frozen"):
    """Nothing can be issued to, or spent by, a frozen account; its name where two are concerned."""


class NotAMember(ChoiceRefused, reason="not_a_member"):
    """Only members of an account may spend its tokens."""


class NotAManager(ChoiceRefused, reason="not_a_manager"):
    """Only managers of an account may pay for others from it."""


class NotADistributor(TokenPaymentsError, reason="not_a_distributor"):
    """Somebody who doesn't look after the order would hand its codes out."""


class JobBusy(TokenPaymentsError, reason="job_busy"):
    """Another worker is at the job, or was until a moment ago."""


class WalletNotChosen(ChoiceRefused, reason="wallet_not_chosen"):
    """The payment method is chosen, but no wallet."""


class TokenPriceChanged(ChoiceRefused, reason="token_price_changed"):
    """The item costs another number of tokens than the learner agreed to: ``now``, None if gone."""

    def __init__(self, *, agreed: int, now: int | None) -> None:
        super().__init__(f"{agreed} agreed, {now} now")
        self.agreed, self.now = agreed, now


class AddressesRefused(TokenPaymentsError, reason="addresses_refused"):
    """Nobody can be told there: ``address`` is no address, or there are too many."""

    reasons = ("no_address", "too_many", "too_long")

    def __init__(self, reason: str, *, address: str = "") -> None:
        super().__init__(reason)
        self.reason, self.address = reason, address


class TooManyPeople(_WithLimit, TokenPaymentsError, reason="too_many_people"):
    """More people were named than one request may pay for."""


class LastManager(TokenPaymentsError, reason="last_manager"):
    """An account that has a manager keeps one: name another one first."""


class TypeArchived(TokenPaymentsError, reason="type_archived"):
    """An archived token type gets no new issue and no new price."""


class TypeInUse(TokenPaymentsError, reason="type_in_use"):
    """A token type that accounts hold, or that items are priced in, can't be deleted."""


class ManualIssuesNotAllowed(TokenPaymentsError, reason="manual_issues_not_allowed"):
    """The site's settings allow issues through token orders only."""


class AdjustmentsNotAllowed(TokenPaymentsError, reason="adjustments_not_allowed"):
    """The site's settings allow no adjustment by hand."""


class IssueExpired(TokenPaymentsError, reason="issue_expired"):
    """An expired issue can't be extended: its tokens are gone; raise a new issue instead."""


class IssueFull(TokenPaymentsError, ValueError, reason="issue_full"):
    """An issue can't hold so many tokens; ``room`` is how many more it can."""

    def __init__(self, *, room: int) -> None:
        super().__init__(f"the issue can't hold more than {room} tokens on top")
        self.room = room


class ExpiryNotLater(TokenPaymentsError, reason="expiry_not_later"):
    """Tokens must expire in the future, and after an extension later than before."""


class TransfersNotAllowed(TokenPaymentsError, reason="transfers_not_allowed"):
    """Managers don't transfer tokens by themselves on this site: staff do."""


class TransferToItself(TokenPaymentsError, reason="transfer_to_itself"):
    """Tokens can't be transferred to the account that has them."""


class EndpointRefused(_WithReason, TokenPaymentsError, reason="endpoint_refused"):
    """A webhook can't be sent to this address: only https, without a password, to the internet."""

    reasons = ("not_a_url", "too_long", "scheme", "credentials", "port", "address")


class TooManyEndpoints(_WithLimit, TokenPaymentsError, reason="too_many_endpoints"):
    """An account, or the site, has as many webhook endpoints as it may."""


class TooManyAttempts(_WithWait, TokenPaymentsError, reason="too_many_attempts"):
    """Too many codes were refused: no other one is looked up before the wait is over."""


class TooManyMisses(_WithWait, TokenPaymentsError, reason="too_many_misses"):
    """Too many people weren't found: nobody else is looked up before the wait is over."""


class DoneTooOften(_WithWait, TokenPaymentsError, reason="throttled"):
    """A visitor did this as often as it is allowed within an hour."""
