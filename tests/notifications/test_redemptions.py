"""What learners are told of a payment that enrolled them."""

from __future__ import annotations

from smtplib import SMTPServerDisconnected
from unittest import mock

import pytest
from django.conf import settings
from django.core import mail

from tests import factories
from tests.checkout.base import ReversalCase
from tests.notifications.base import read, transport, with_settings
from token_payments import tasks
from token_payments.errors import ItemNotFound
from token_payments.hosts import host
from token_payments.models import Redemption

ROOT = settings.LMS_ROOT_URL


class RedemptionMailTest(ReversalCase):
    def send(self, redemption: Redemption) -> list[mail.EmailMultiAlternatives]:
        mail.outbox.clear()
        tasks.mails.mail_redemption(redemption.pk)
        return mail.outbox

    def assert_says(self, redemption: Redemption, *texts: str) -> None:
        (message,) = self.send(redemption)
        assert message.to == ["amara@example.com"]
        assert message.subject == "You are enrolled in Fire Safety"
        receipt = f"{ROOT}/token-payments/receipt/{redemption.uuid}/"
        for body in read(message):
            plain = " ".join(body.replace("<strong>", "").replace("</strong>", "").split())
            for text in (receipt, f"{ROOT}/", *texts):
                assert text in plain, text

    def test_of_a_code_its_end_alone(self) -> None:
        redemption = self.redeem()
        code = redemption.code
        self.assert_says(redemption, f"the token code that ends in {code.last_four}.")
        texts = " ".join(read(mail.outbox[0]))
        assert not any(written in texts for written in factories.list_codes(self.order))

    def test_of_tokens_how_many_and_whose(self) -> None:
        self.assert_says(self.pay(), "7 Gold tokens of Acme.")

    def test_who_paid_for_somebody_else_is_named(self) -> None:
        redemption = self.pay()
        maya = factories.make_user("maya", name="Maya <Lind>")
        Redemption.objects.filter(pk=redemption.pk).update(actor=maya)
        (message,) = self.send(redemption)
        text, html = read(message)
        assert "Maya <Lind> has enrolled you in Fire Safety." in text
        assert "Maya &lt;Lind&gt;" in html

    def test_once_however_often_it_is_asked_for(self) -> None:
        redemption = self.redeem()
        assert len(self.send(redemption)) == 1
        assert not self.send(redemption)

    def test_not_of_a_payment_that_was_reversed_meanwhile(self) -> None:
        assert not self.send(self.reverse(self.redeem()))

    def test_not_where_the_site_does_not_want_it(self) -> None:
        with with_settings(LEARNERS_GET_RECEIPTS=False):
            assert not self.send(self.redeem())

    def test_a_server_that_is_down_is_asked_again(self) -> None:
        redemption = self.redeem()
        with (
            transport(lambda _address: ConnectionRefusedError()),
            pytest.raises(ConnectionRefusedError),
        ):
            tasks.mails.mail_redemption.run(redemption.pk)
        assert len(self.send(redemption)) == 1
        assert issubclass(SMTPServerDisconnected, OSError)  # so that it is tried again, too

    def test_a_course_that_is_gone_has_no_link(self) -> None:
        redemption = self.redeem()
        with mock.patch.object(host.__class__, "get_item", side_effect=ItemNotFound("gone")):
            (message,) = self.send(redemption)
        assert "Go to the course" not in " ".join(read(message))
