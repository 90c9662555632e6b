"""The plugin's public events: what happened to orders, codes and tokens, for other systems.

Each is an OpenEdxPublicSignal with one attrs object, which any event bus can carry. They are sent
once what they tell is committed, and only if somebody listens. They name people by their ids, and
never have the text of a code. A field whose default is None may be missing.

Annotations are evaluated here: the buses' schemas are made of the fields' types.
"""

from collections.abc import Mapping
from datetime import datetime

import attr
from openedx_events.tooling import OpenEdxPublicSignal


def _int_or_none(value: int | None) -> int | None:
    """Tells the type checker that None will do."""
    return value


def _time_or_none(value: datetime | None) -> datetime | None:
    """The same for a time."""
    return value


@attr.s(frozen=True, kw_only=True)
class TokenOrderData:
    """A Token Order, as it was left by what happened.

    Arguments:
        order_id: the order
        number: its number, as people know it
        kind: codes (Token Codes for a course) or wallet (tokens of a type, into an account)
        status: requested, processing, processed or cancelled
        quantity: how many codes or tokens were ordered
        tokens: how many codes or tokens the event is about
        buyer_id: the user who buys
        item_key: the course of an order for codes, else empty
        account_id: the account, where there is one
        token_type: the name of the type of an order for wallet tokens, else empty
        unit_price: what one costs, e.g. 149.000; empty while it has no price
        currency: of the price
        actor_id: the user who acted; missing where no person did
        time: when
    """

    order_id = attr.ib(type=int)
    number = attr.ib(type=str)
    kind = attr.ib(type=str)
    status = attr.ib(type=str)
    quantity = attr.ib(type=int)
    tokens = attr.ib(type=int)
    buyer_id = attr.ib(type=int)
    item_key = attr.ib(type=str)
    account_id = attr.ib(type=int, default=None, converter=_int_or_none)
    token_type = attr.ib(type=str)
    unit_price = attr.ib(type=str)
    currency = attr.ib(type=str)
    actor_id = attr.ib(type=int, default=None, converter=_int_or_none)
    time = attr.ib(type=datetime)


@attr.s(frozen=True, kw_only=True)
class TokenCodeData:
    """A Token Code and the payment that it made.

    Arguments:
        order_id: the order that the code is of
        serial: which code of the order it is, from 1 on
        item_key: the course
        learner_id: the user whose enrolment it paid for
        redemption_uuid: the payment
        account_id: the account that the order is for, where there is one
        actor_id: the user who acted; missing where no person did
        time: when
    """

    order_id = attr.ib(type=int)
    serial = attr.ib(type=int)
    item_key = attr.ib(type=str)
    learner_id = attr.ib(type=int)
    redemption_uuid = attr.ib(type=str)
    account_id = attr.ib(type=int, default=None, converter=_int_or_none)
    actor_id = attr.ib(type=int, default=None, converter=_int_or_none)
    time = attr.ib(type=datetime)


@attr.s(frozen=True, kw_only=True)
class TokensData:
    """A change in an account's wallet.

    Arguments:
        account_id: the account
        wallet_id: its wallet for the type
        token_type: the type's name
        amount: how many tokens came (above 0) or went (below 0); 0 where only the expiry changed
        issue_id: the issue that changed; missing for a payment, which may draw on several
        expires_at: when the issue expires; missing for never, and for a payment
        redemption_uuid: the payment that took the tokens, or that was given back; else empty
        actor_id: the user who acted; missing where no person did
        time: when
    """

    account_id = attr.ib(type=int)
    wallet_id = attr.ib(type=int)
    token_type = attr.ib(type=str)
    amount = attr.ib(type=int)
    issue_id = attr.ib(type=int, default=None, converter=_int_or_none)
    expires_at = attr.ib(type=datetime, default=None, converter=_time_or_none)
    redemption_uuid = attr.ib(type=str, default="")
    actor_id = attr.ib(type=int, default=None, converter=_int_or_none)
    time = attr.ib(type=datetime)


@attr.s(frozen=True, kw_only=True)
class TokenBalanceData:
    """A wallet that has fewer tokens than its account wants to keep.

    Arguments:
        account_id: the account
        wallet_id: its wallet for the type
        token_type: the type's name
        balance: how many tokens can be spent
        threshold: below how many the account wants to be told
        time: when
    """

    account_id = attr.ib(type=int)
    wallet_id = attr.ib(type=int)
    token_type = attr.ib(type=str)
    balance = attr.ib(type=int)
    threshold = attr.ib(type=int)
    time = attr.ib(type=datetime)


EventData = TokenOrderData | TokenCodeData | TokensData | TokenBalanceData


def _signal(subject: str, data: Mapping[str, type]) -> OpenEdxPublicSignal:
    return OpenEdxPublicSignal(
        event_type=f"org.openedx.token_payments.{subject}.v1", data=dict(data)
    )


_ORDER, _CODE = {"order": TokenOrderData}, {"code": TokenCodeData}
_TOKENS, _BALANCE = {"tokens": TokensData}, {"balance": TokenBalanceData}

#: A buyer, or somebody for a buyer, requested an order.
TOKEN_ORDER_REQUESTED = _signal("order.requested", _ORDER)
#: All codes of an order exist, or its tokens are in the account.
TOKEN_ORDER_PROCESSED = _signal("order.processed", _ORDER)
#: An order was cancelled, declined or withdrawn as a whole; ``tokens`` are those that were unused.
TOKEN_ORDER_CANCELLED = _signal("order.cancelled", _ORDER)
#: Unused codes or tokens of a processed order were cancelled; the order goes on.
TOKEN_ORDER_PARTLY_CANCELLED = _signal("order.partly_cancelled", _ORDER)
#: Codes of an order were given to people; one event for all that were given at once.
TOKEN_CODES_ASSIGNED = _signal("codes.assigned", _ORDER)
#: A code paid for an enrolment.
TOKEN_CODE_REDEEMED = _signal("code.redeemed", _CODE)
#: A payment with a code was reversed.
TOKEN_CODE_REVERSED = _signal("code.reversed", _CODE)
#: An account got tokens.
TOKENS_ISSUED = _signal("tokens.issued", _TOKENS)
#: Tokens paid for an enrolment.
TOKENS_DEBITED = _signal("tokens.debited", _TOKENS)
#: A payment with tokens was reversed; one event for each issue that they went back to.
TOKENS_REVERSED = _signal("tokens.reversed", _TOKENS)
#: The expiry of an issue was recorded.
TOKENS_EXPIRED = _signal("tokens.expired", _TOKENS)
#: An issue expires later than before.
TOKENS_EXTENDED = _signal("tokens.extended", _TOKENS)
#: An issue was corrected by hand.
TOKENS_ADJUSTED = _signal("tokens.adjusted", _TOKENS)
#: Unspent tokens of an order were taken back.
TOKENS_CANCELLED = _signal("tokens.cancelled", _TOKENS)
#: Tokens left an account for another one, whose tokens are issued anew.
TOKENS_TRANSFERRED = _signal("tokens.transferred", _TOKENS)
#: A wallet has fallen below the number that its account wants to keep.
TOKEN_BALANCE_LOW = _signal("balance.low", _BALANCE)
