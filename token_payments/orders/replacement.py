"""A new code in the place of one that was given to the wrong person, or got lost."""

from __future__ import annotations

from django.db.models import Max

from token_payments.errors import InvalidTransition
from token_payments.orders import codes
from token_payments.orders.models import CodeStatus, TokenCode, TokenOrder
from token_payments.orders.states import advance_codes


def replace_code(code: TokenCode, order: TokenOrder, *, operation: str = "replace") -> TokenCode:
    """Let an available code die and make a new one; ``order`` is the code's, locked.

    ``replace_redeemed`` as operation does so with one whose payment is reversed. Runs in the
    caller's transaction. The new code's serial follows the last one of the order. Raises
    InvalidTransition when the code was redeemed or cancelled meanwhile, ConfigurationError when the
    operator's key is gone.
    """
    if not advance_codes(TokenCode.objects.filter(pk=code.pk), operation):
        status = TokenCode.objects.only("status").get(pk=code.pk).status
        raise InvalidTransition(f"Code {code}", status, operation)
    serial = int(order.codes.aggregate(last=Max("serial"))["last"]) + 1
    (text,) = codes.derive_codes(key_name=order.code_key, order=order.uuid, serials=[serial])
    return TokenCode.objects.create(
        order=order,
        serial=serial,
        code_hash=codes.hash_code(text, key_name=order.code_key),
        last_four=text[-4:],
        status=CodeStatus.AVAILABLE,
        replaces=code,
    )
