"""Token Codes: how they are made, checked, written and found.

A code has 17 characters of Crockford's base 32 alphabet (no I, L, O or U), written 4-4-4-5:
``7KQ2-M4ZD-W9TX-3VBNC``. The first 16 carry 80 bits: HMAC-SHA256 of the order and the code's serial
number under keys derived from the operator's. So codes need not be stored to be listed again, and
processing an order twice makes the same codes. The last is a check character: a weighted sum in the
field of 32 elements, which catches every wrong character and every swap of two, without a look-up.

The database keeps ``hash_codes``: 128 bits of HMAC-SHA256 of the code, under a key derived from the
operator's. Who has only the database can neither make nor test codes.
"""

from __future__ import annotations

import hmac
import unicodedata
from collections.abc import Iterable, Iterator
from functools import cache
from uuid import UUID

from token_payments import conf
from token_payments.errors import CodeMistyped, ConfigurationError

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
DATA_LENGTH = 16
LENGTH = DATA_LENGTH + 1
GROUPS = (4, 4, 4, 5)
MIN_KEY_LENGTH = 32
MISTYPED_BY = 5  # characters that a text may have more or less and still be taken for a code

_VALUES = {character: value for value, character in enumerate(ALPHABET)}
_LOOK_ALIKES = str.maketrans({"O": "0", "I": "1", "L": "1"})
_BYTE_TO_CHARACTER = bytes(ord(ALPHABET[byte & 31]) for byte in range(256))


def normalise(text: str) -> str:
    """The code in what a person typed: any case, spaces and dashes, O for 0, I or L for 1.

    Raises CodeMistyped when no code can be meant by it.
    """
    folded = unicodedata.normalize("NFKC", text).upper()
    code = "".join(c for c in folded if c.isalnum()).translate(_LOOK_ALIKES)
    if len(code) != LENGTH or any(character not in _VALUES for character in code):
        raise CodeMistyped
    if _check_character(code[:DATA_LENGTH]) != code[DATA_LENGTH]:
        raise CodeMistyped
    return code


def write(code: str) -> str:
    """A code as people see it: in groups of 4-4-4-5."""
    parts, start = [], 0
    for length in GROUPS:
        parts.append(code[start : start + length])
        start += length
    return "-".join(parts)


def looks_like_code(text: str) -> bool:
    """Whether this may be a (mistyped) code: such a text isn't put into an address.

    Nearly all codes have a digit, and the others are written in groups or in capitals; names of
    people, which may be as long, are not.
    """
    characters = [character for character in text if character.isalnum()]
    if abs(len(characters) - LENGTH) > MISTYPED_BY or "@" in text:
        return False
    has_digit = any(character.isdigit() for character in characters)
    return has_digit or text.count("-") >= len(GROUPS) - 1 or text.isupper()


def derive_codes(*, key_name: str, order: UUID, serials: Iterable[int]) -> Iterator[str]:
    """The codes of an order with these serial numbers.

    Raises ConfigurationError when the operator doesn't have the key (any more).
    """
    order_key = hmac.digest(derive_key(key_name, b"code"), order.bytes, "sha256")
    for serial in serials:
        digest = hmac.digest(order_key, serial.to_bytes(4, "big"), "sha256")
        data = digest[:DATA_LENGTH].translate(_BYTE_TO_CHARACTER).decode("ascii")
        yield data + _check_character(data)


def hash_codes(codes: Iterable[str], *, key_name: str) -> Iterator[str]:
    """The hash of each code, which the database keeps: 32 hexadecimal digits."""
    key = derive_key(key_name, b"hash")
    for code in codes:
        yield hmac.digest(key, code.encode("ascii"), "sha256")[:16].hex()


def hash_code(code: str, *, key_name: str) -> str:
    return next(hash_codes([code], key_name=key_name))


def hash_with_all_keys(code: str) -> list[str]:
    """The hashes that a code may be stored under: one per key that the operator has."""
    return [hash_code(code, key_name=name) for name in conf.code_keys()]


def current_key_name() -> str:
    """The key for new orders. Raises ConfigurationError when there is none or it is too short."""
    name = next(iter(conf.code_keys()), None)
    if name is None:
        raise ConfigurationError('TOKEN_PAYMENTS["CODE_KEYS"] is empty')
    derive_key(name, b"code")
    return name


def derive_key(name: str, purpose: bytes) -> bytes:
    """A key for one purpose, of the operator's with this name. Raises ConfigurationError."""
    secret = conf.code_keys().get(name)
    if secret is None:
        raise ConfigurationError(f'TOKEN_PAYMENTS["CODE_KEYS"] lacks the key "{name}"')
    if len(secret) < MIN_KEY_LENGTH:
        raise ConfigurationError(
            f'TOKEN_PAYMENTS["CODE_KEYS"]["{name}"] is shorter than {MIN_KEY_LENGTH} characters'
        )
    return hmac.digest(secret.encode(), b"token_payments:" + purpose, "sha256")


def _check_character(data: str) -> str:
    total = 0
    for row, character in zip(_multiples(), data, strict=True):
        total ^= row[character]
    return ALPHABET[total]


@cache
def _multiples() -> list[dict[str, int]]:
    """For each position its weight times each character's value, in GF(32) modulo x^5 + x^2 + 1.

    Weights are the powers 1 to 16 of x; the check character's own weight is 1. All differ and none
    is zero, which is what makes every single error and every swap change the sum.
    """
    weight, rows = 1, []
    for _ in range(DATA_LENGTH):
        weight = _multiply(weight, 2)
        rows.append({c: _multiply(weight, value) for c, value in _VALUES.items()})
    return rows


def _multiply(a: int, b: int) -> int:
    product = 0
    while b:
        if b & 1:
            product ^= a
        a <<= 1
        if a & 32:
            a ^= 0b100101
        b >>= 1
    return product
