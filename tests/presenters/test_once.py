"""The key of a form: only this site makes it, and a missing one does nothing."""

from __future__ import annotations

import ddt
from django.core.signing import Signer
from django.test import SimpleTestCase

from token_payments.presenters.once import KEY, OnceForm, make_key, read_key, sign_key


@ddt.ddt
class KeyTest(SimpleTestCase):
    def test_what_was_signed_is_read_again(self) -> None:
        self.assertEqual(read_key(sign_key("a" * 32)), "a" * 32)
        self.assertRegex(read_key(make_key()), "^[0-9a-f]{32}$")

    def test_another_scope_has_other_keys(self) -> None:
        self.assertEqual(read_key(make_key(7), 8), "")
        self.assertEqual(read_key(make_key(7)), "")
        self.assertEqual(len(read_key(make_key(7), 7)), 32)

    @ddt.data("", "x", "a" * 32, "a" * 32 + ":", "\0", "9" * 5000, Signer().sign("a" * 32))
    def test_what_somebody_made_up_is_none(self, text: str) -> None:
        self.assertEqual(read_key(text), "")
        form = OnceForm({KEY: text})
        self.assertFalse(form.is_valid())
        self.assertIn("This form is incomplete.", str(form.non_field_errors()))


class OnceFormTest(SimpleTestCase):
    def test_each_form_that_is_shown_has_a_key_of_its_own(self) -> None:
        shown = OnceForm()[KEY].value()
        self.assertNotEqual(shown, OnceForm()[KEY].value())
        form = OnceForm({KEY: shown})
        self.assertTrue(form.is_valid())
        self.assertEqual(form.cleaned_data[KEY], read_key(shown))

    def test_a_renewed_key_is_another_one_and_counts(self) -> None:
        sent = make_key()
        form = OnceForm({KEY: sent})
        form.renew_key()
        self.assertNotEqual(form[KEY].value(), sent)
        self.assertTrue(form.is_valid())
