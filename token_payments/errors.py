"""Every error that the plugin's operations raise: the facts, without HTTP and without pages.

Each has a ``reason``, a stable word for programs. Texts for people are made where people are
(``portal/messages.py``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any


class TokenPaymentsError(Exception):
    """The base of all; ``reason`` names the fact."""

    reason = "error"


class ConfigurationError(TokenPaymentsError):
    """The operator's settings don't allow it: a key is missing or a dotted path leads nowhere."""

    reason = "configuration"


class IdempotencyConflict(TokenPaymentsError):
    """The idempotency key was used before, with other arguments."""

    reason = "idempotency_conflict"


class KeyReused(IdempotencyConflict):
    """The Idempotency-Key of a request to the API was used before, for another request."""

    reason = "key_reused"


class RequestRunning(TokenPaymentsError):
    """A request with this Idempotency-Key is running: its answer isn't known yet."""

    reason = "request_running"


class ClaimLost(RequestRunning):
    """The request took so long that it was taken for dead, and is run again elsewhere."""


class VersionConflict(TokenPaymentsError):
    """Somebody changed the object since it was read; nothing was changed now."""

    reason = "version_conflict"


class NameTaken(TokenPaymentsError):
    """Another object has this name or number: ``field`` says in which field."""

    reason = "name_taken"

    def __init__(self, field: str) -> None:
        super().__init__(field)
        self.field = field


class InvalidTransition(TokenPaymentsError):
    """The life cycle has no such step from ``state``, where the object is."""

    reason = "invalid_transition"

    def __init__(self, subject: str, state: str, operation: str) -> None:
        super().__init__(f"{subject} is {state}: {operation} is not possible")
        self.state, self.operation = state, operation


class NotEnoughUnused(TokenPaymentsError):
    """More codes or wallet tokens of an order are wanted than are unused and nobody's.

    ``assigned`` are unused codes that learners were given, where it was asked to leave them alone.
    ``chosen``: both numbers are of those that were chosen by their serial numbers.
    """

    reason = "not_enough_unused"

    def __init__(
        self, *, wanted: int, available: int, assigned: int = 0, chosen: bool = False
    ) -> None:
        super().__init__(f"{wanted} wanted, {available} available, {assigned} assigned")
        self.wanted, self.available, self.assigned = wanted, available, assigned
        self.chosen = chosen


class CancellingNotAllowed(TokenPaymentsError):
    """Buyers don't cancel by themselves on this site: they ask for it."""

    reason = "cancelling_not_allowed"


class RefundTooHigh(TokenPaymentsError):
    """The refund would exceed what the order cost less what was refunded before."""

    reason = "refund_too_high"

    def __init__(self, *, limit: Any) -> None:
        super().__init__(f"at most {limit} can be refunded")
        self.limit = limit


class NumberTaken(TokenPaymentsError):
    """Another order has this number: ``field`` is purchase_order or invoice_number."""

    reason = "number_taken"

    def __init__(self, field: str) -> None:
        super().__init__(field)
        self.field = field


class OrderPriceChanged(TokenPaymentsError):
    """What is ordered costs something else than the buyer agreed to; nothing was ordered."""

    reason = "order_price_changed"


class ItemNotFound(TokenPaymentsError):
    """The host has no such course, or the catalogue no such item."""

    reason = "item_not_found"


class InvalidItem(TokenPaymentsError):
    """A catalogue item can't be saved like this; ``problems`` gives a reason for each field.

    Reasons: item_not_found, unknown_currency, no_currency, unknown_mode, no_paid_mode, no_price,
    no_payment_method, no_token_price, token_price_too_low, type_archived.
    """

    reason = "invalid_item"

    def __init__(self, problems: Mapping[str, str]) -> None:
        super().__init__(", ".join(f"{field}: {reason}" for field, reason in problems.items()))
        self.problems = problems


class PaymentRefused(TokenPaymentsError):
    """This learner can't pay for this item, or not in this way; nothing was taken."""

    reason = "payment_refused"


class NotOffered(PaymentRefused):
    """Nobody can pay for the item now, or not in this way.

    ``reason``: not_offered (it isn't sold for tokens), payments_off (the site's switch), or
    method_gone (it takes other payment methods than this one).
    """

    reason = "not_offered"

    def __init__(self, subject: str, reason: str = "not_offered") -> None:
        super().__init__(subject)
        self.reason = reason


class AlreadyEnrolled(PaymentRefused):
    reason = "already_enrolled"


class AlreadyPaid(PaymentRefused):
    """The learner paid for this item before and may be enrolled again without paying."""

    reason = "already_paid"


class NoSeats(PaymentRefused):
    """All seats that the catalogue item offers are taken."""

    reason = "no_seats"


class HostRefused(PaymentRefused):
    """The host won't enrol: ``reason`` is one of hosts.base.REFUSALS."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(detail or reason)
        self.reason = reason


class ChoiceRefused(PaymentRefused):
    """Not with what was chosen to pay with: another code, or another wallet, may do."""

    reason = "choice_refused"


class CodeMistyped(PaymentRefused):
    """Not a Token Code: empty, of another length or with a wrong check character."""

    reason = "code_mistyped"


class CodeNotRedeemable(ChoiceRefused):
    """The code can't pay for this.

    ``reason`` (unknown, cancelled, used, wrong_course, past_redeem_by, order_not_processed,
    assigned, unconfirmed: the address, which is the learner's, isn't confirmed) is for those who
    may know it; strangers get one text for all. ``order_id`` is None for
    an unknown code, ``holder`` the address that the code is assigned to, if it is to any.
    """

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


class MailOutcomeUnknown(TokenPaymentsError):
    """The connection broke off while a mail was being sent: it may have left or not."""

    reason = "mail_outcome_unknown"


class ListUnreadable(TokenPaymentsError):
    """A list of recipients can't be read: too_big, too_long, old_format, not_a_list or empty."""

    reason = "list_unreadable"

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class ListChanged(TokenPaymentsError):
    """Not every row of a list gets a token any more: ``rows`` have their verdicts of now."""

    reason = "list_changed"

    def __init__(self, rows: Sequence[Any]) -> None:
        super().__init__(f"{len(rows)} rows")
        self.rows = rows


class LedgerIsAppendOnly(TokenPaymentsError):
    """Issues and ledger entries are added, never changed or deleted."""

    reason = "ledger_is_append_only"


class InsufficientTokens(ChoiceRefused):
    """The wallet has fewer usable tokens than are wanted."""

    reason = "insufficient_tokens"

    def __init__(self, *, wanted: int, available: int) -> None:
        super().__init__(f"{wanted} tokens wanted, {available} available")
        self.wanted, self.available = wanted, available


class AccountFrozen(ChoiceRefused):
    """Nothing can be issued to, or spent by, a frozen account; its name where two are concerned."""

    reason = "account_frozen"


class NotAMember(ChoiceRefused):
    """Only members of an account may spend its tokens."""

    reason = "not_a_member"


class NotAManager(ChoiceRefused):
    """Only managers of an account may pay for others from it."""

    reason = "not_a_manager"


class NotADistributor(TokenPaymentsError):
    """Somebody who doesn't look after the order would hand its codes out."""

    reason = "not_a_distributor"


class JobBusy(TokenPaymentsError):
    """Another worker is at the job, or was until a moment ago."""

    reason = "job_busy"


class WalletNotChosen(ChoiceRefused):
    """The payment method is chosen, but no wallet."""

    reason = "wallet_not_chosen"


class TokenPriceChanged(ChoiceRefused):
    """The item costs another number of tokens than the learner agreed to: ``now``, None if gone."""

    reason = "token_price_changed"

    def __init__(self, *, agreed: int, now: int | None) -> None:
        super().__init__(f"{agreed} agreed, {now} now")
        self.agreed, self.now = agreed, now


class AddressesRefused(TokenPaymentsError):
    """Nobody can be told there: no_address (``address`` isn't one), too_many or too_long."""

    reason = "addresses_refused"

    def __init__(self, reason: str, *, address: str = "") -> None:
        super().__init__(reason)
        self.reason, self.address = reason, address


class TooManyPeople(TokenPaymentsError):
    """More people were named than one request may pay for: ``limit``."""

    reason = "too_many_people"

    def __init__(self, *, limit: int) -> None:
        super().__init__(f"at most {limit}")
        self.limit = limit


class LastManager(TokenPaymentsError):
    """An account that has a manager keeps one: name another one first."""

    reason = "last_manager"


class TypeArchived(TokenPaymentsError):
    """An archived token type gets no new issue and no new price."""

    reason = "type_archived"


class TypeInUse(TokenPaymentsError):
    """A token type that accounts hold, or that items are priced in, can't be deleted."""

    reason = "type_in_use"


class ManualIssuesNotAllowed(TokenPaymentsError):
    """The site's settings allow issues through token orders only."""

    reason = "manual_issues_not_allowed"


class AdjustmentsNotAllowed(TokenPaymentsError):
    """The site's settings allow no adjustment by hand."""

    reason = "adjustments_not_allowed"


class IssueExpired(TokenPaymentsError):
    """An expired issue can't be extended: its tokens are gone; raise a new issue instead."""

    reason = "issue_expired"


class IssueFull(TokenPaymentsError, ValueError):
    """An issue can't hold so many tokens; ``room`` is how many more it can."""

    reason = "issue_full"

    def __init__(self, *, room: int) -> None:
        super().__init__(f"the issue can't hold more than {room} tokens on top")
        self.room = room


class ExpiryNotLater(TokenPaymentsError):
    """Tokens must expire in the future, and after an extension later than before."""

    reason = "expiry_not_later"


class TransfersNotAllowed(TokenPaymentsError):
    """Managers don't transfer tokens by themselves on this site: staff do."""

    reason = "transfers_not_allowed"


class TransferToItself(TokenPaymentsError):
    """Tokens can't be transferred to the account that has them."""

    reason = "transfer_to_itself"


class EndpointRefused(TokenPaymentsError):
    """A webhook can't be sent to this address.

    not_a_url, too_long, scheme (only https), credentials (a user or password stands in it), port,
    or address (not on the internet).
    """

    reason = "endpoint_refused"

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class TooManyEndpoints(TokenPaymentsError):
    """An account, or the site, has as many webhook endpoints as it may: ``limit``."""

    reason = "too_many_endpoints"

    def __init__(self, *, limit: int) -> None:
        super().__init__(f"at most {limit}")
        self.limit = limit
