"""What reminders say, in plain text and in HTML."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from unittest import mock

import ddt
from django.test import override_settings

from tests import factories
from tests.notifications.base import read
from tests.reminders.base import START, RemindersTestCase
from token_payments.errors import ConfigurationError

LAST = date(2027, 5, 3)


@ddt.ddt
class WordsTests(RemindersTestCase):
    def tell(self, ahead: int, **fields: Any) -> Any:
        (message,) = self.run_on(LAST - timedelta(days=ahead), **fields)
        return message

    @ddt.data(
        (0, "Tokens end today", "today is the last day"),
        (1, "Tokens end tomorrow", "tomorrow is the last day"),
        (5, "Tokens end in 5 days", "5 days left"),
    )
    @ddt.unpack
    def test_how_much_time_is_left_as_people_say_it(self, ahead, subject, words) -> None:
        self.issue(6, LAST)
        message = self.tell(ahead)
        assert message.subject == subject
        for text in read(message):
            assert words in text
            assert "Europe/London" in text

    def test_names_that_are_markup_are_text(self) -> None:
        account = factories.make_account("A & <b>B</b>\r\nBcc: x", managers=[self.manager])
        self.issue(6, LAST, account=account)
        text, html = read(self.tell(7))
        assert "- A & <b>B</b> Bcc: x: 6 Gold" in text
        assert "A &amp; &lt;b&gt;B&lt;/b&gt; Bcc: x" in html
        assert "<b>B" not in html

    def test_both_forms_lead_to_the_statement_and_to_the_token(self) -> None:
        self.issue(6, LAST)
        order = self.order(LAST, quantity=1)
        self.give(order, "ann@example.com", on=START)
        messages = {message.to[0]: read(message) for message in self.run_on(LAST)}
        for text in messages["manager@example.com"]:
            assert f"/tokens/{self.account.pk}/{self.gold.pk}/" in text
        for text in messages["buyer@example.com"]:
            assert f"/tokens/orders/{order.pk}/" in text
        (code,) = factories.list_codes(order)
        for text in messages["ann@example.com"]:
            assert f"#code={code}" in text

    def test_without_the_key_of_its_code_a_learner_is_reminded_all_the_same(self) -> None:
        order = self.order(LAST, quantity=1)
        self.give(order, "ann@example.com", on=START)
        missing = mock.patch(
            "token_payments.notifications.mails.reminder_texts.write_codes",
            side_effect=ConfigurationError,
        )
        with missing:
            messages = {message.to[0]: read(message) for message in self.run_on(LAST)}
        for text in messages["ann@example.com"]:
            assert "/token-payments/tokens/mine/" in text
            assert "#code=" not in text

    @override_settings(LANGUAGE_CODE="de")
    def test_it_is_in_the_sites_language(self) -> None:
        self.issue(1200, LAST)
        assert "1.200 Gold, 3. Mai 2027" in self.tell(7).body
