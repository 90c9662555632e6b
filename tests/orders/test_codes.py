"""Token Codes: derived, checked, forgiving, and not to be had from the database."""

from __future__ import annotations

import uuid

import pytest
from ddt import data, ddt, unpack
from django.test import SimpleTestCase, override_settings
from hypothesis import given
from hypothesis import strategies as st

from token_payments.errors import CodeMistyped, ConfigurationError
from token_payments.orders import codes

OLD, NEW = "an old key of more than 32 letters", "a new key of more than 32 letters"
ORDER = uuid.UUID("6f0a6b0a-9d1c-4c0f-8e56-0f4f6f5c1f11")


def derive(serial: int, *, key_name: str = "old", order: uuid.UUID = ORDER) -> str:
    return next(codes.derive_codes(key_name=key_name, order=order, serials=[serial]))


@override_settings(TOKEN_PAYMENTS={"CODE_KEYS": {"old": OLD, "new": NEW}})
class DerivationTest(SimpleTestCase):
    def test_a_code_is_the_same_whenever_it_is_derived(self) -> None:
        assert derive(7) == derive(7)

    def test_codes_differ_by_serial_order_and_key(self) -> None:
        others = [derive(8), derive(7, order=uuid.uuid4()), derive(7, key_name="new")]
        assert len({derive(7), *others}) == 4

    def test_many_codes_of_an_order_are_all_different(self) -> None:
        serials = range(1, 20_001)
        derived = list(codes.derive_codes(key_name="old", order=ORDER, serials=serials))
        assert len(set(derived)) == len(derived)

    def test_every_character_of_the_alphabet_is_as_frequent_as_any_other(self) -> None:
        derived = codes.derive_codes(key_name="old", order=ORDER, serials=range(1, 4001))
        text = "".join(code[: codes.DATA_LENGTH] for code in derived)
        expected = len(text) / len(codes.ALPHABET)
        for character in codes.ALPHABET:
            assert abs(text.count(character) - expected) < expected * 0.15

    def test_a_code_carries_at_least_80_bits(self) -> None:
        assert codes.DATA_LENGTH * 5 >= 80
        assert len(codes.ALPHABET) == len(set(codes.ALPHABET)) == 32
        assert not set("ILOU") & set(codes.ALPHABET)

    def test_a_lost_key_is_named(self) -> None:
        with pytest.raises(ConfigurationError, match="gone"):
            derive(1, key_name="gone")

    @override_settings(TOKEN_PAYMENTS={"CODE_KEYS": {"old": "too short"}})
    def test_a_short_key_is_refused(self) -> None:
        with pytest.raises(ConfigurationError, match="shorter"):
            derive(1)

    def test_new_orders_use_the_first_key(self) -> None:
        assert codes.current_key_name() == "old"

    @override_settings(TOKEN_PAYMENTS={})
    def test_without_a_key_no_codes_are_made(self) -> None:
        with pytest.raises(ConfigurationError, match="CODE_KEYS"):
            codes.current_key_name()


@override_settings(TOKEN_PAYMENTS={"CODE_KEYS": {"old": OLD, "new": NEW}})
class HashTest(SimpleTestCase):
    def test_the_hash_depends_on_the_key(self) -> None:
        code = derive(1)
        assert codes.hash_code(code, key_name="old") != codes.hash_code(code, key_name="new")

    def test_a_code_is_looked_for_under_every_key(self) -> None:
        code = derive(1, key_name="new")
        assert codes.hash_code(code, key_name="new") in codes.hash_with_all_keys(code)
        assert len(codes.hash_with_all_keys(code)) == 2

    def test_the_hash_holds_nothing_of_the_code(self) -> None:
        code = derive(1)
        hashed = codes.hash_code(code, key_name="old")
        assert len(hashed) == 32
        assert code[:4].lower() not in hashed


@ddt
@override_settings(TOKEN_PAYMENTS={"CODE_KEYS": {"old": OLD}})
class NormalisationTest(SimpleTestCase):
    @data(
        ("as written", "{}"),
        ("lower case", "{lower}"),
        ("without dashes", "{bare}"),
        ("with spaces around and within", "  {spaced} \n"),
        ("with long dashes", "{long_dashes}"),
        ("in full-width letters", "{wide}"),
    )
    @unpack
    def test_forgives(self, how: str, template: str) -> None:
        for serial in range(1, 60):
            code = derive(serial)
            written = codes.write(code)
            typed = template.format(
                written,
                lower=written.lower(),
                bare=code,
                spaced=written.replace("-", " - "),
                long_dashes=written.replace("-", "\N{EN DASH}"),
                wide="".join(chr(ord(c) + 0xFEE0) for c in code),
            )
            assert codes.normalise(typed) == code, how

    def test_takes_look_alikes_for_the_digits_that_were_meant(self) -> None:
        code = next(c for c in map(derive, range(1, 500)) if "0" in c and "1" in c)
        for letter in "Il":
            assert codes.normalise(code.replace("0", "o").replace("1", letter)) == code

    @data(
        "", "   ", "----", "ABC", "7KQ2-M4ZD-W9TX-3VBN", "x" * 80, "UUUU-UUUU-UUUU-UUUUU", "é" * 17
    )
    def test_refuses_what_is_no_code(self, text: str) -> None:
        with pytest.raises(CodeMistyped):
            codes.normalise(text)

    def test_every_single_wrong_character_is_caught(self) -> None:
        code = derive(3)
        for position, right in enumerate(code):
            for wrong in codes.ALPHABET.replace(right, ""):
                with pytest.raises(CodeMistyped):
                    codes.normalise(code[:position] + wrong + code[position + 1 :])

    @given(st.integers(1, 10**6), st.integers(0, 16), st.integers(0, 16))
    def test_every_swap_of_two_characters_is_caught(self, serial: int, i: int, j: int) -> None:
        code = derive(serial)
        swapped = list(code)
        swapped[i], swapped[j] = swapped[j], swapped[i]
        typed = "".join(swapped)
        if typed == code:
            assert codes.normalise(typed) == code
        else:
            with pytest.raises(CodeMistyped):
                codes.normalise(typed)

    def test_written_in_groups(self) -> None:
        assert [len(group) for group in codes.write(derive(1)).split("-")] == [4, 4, 4, 5]
