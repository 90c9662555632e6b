"""What happens is told, once, when it is committed, and without the text of a code."""

from __future__ import annotations

from typing import Any

import ddt
from django.db import transaction
from django.test import TransactionTestCase
from openedx_events.event_bus.avro.serializer import serialize_event_data_to_bytes

from tests import factories
from tests.events import stories
from tests.events.base import NOW, SIGNALS, EventCase, listening, make_world
from token_payments import events
from token_payments.assignments import operations as assignment_operations
from token_payments.checkout import operations as checkout_operations
from token_payments.orders import operations as order_operations


class OrderEventsTest(stories.OrderEvents):
    pass


class PaymentEventsTest(stories.PaymentEvents):
    pass


class LedgerEventsTest(stories.LedgerEvents):
    pass


class SecrecyTest(EventCase):
    def test_no_event_has_the_text_of_a_code(self) -> None:
        codes = factories.list_codes(self.order)

        def act() -> None:
            person = [assignment_operations.Recipient("zoe@example.com", "Zoe")]
            assignment_operations.assign_codes(
                self.order.pk, person, actor=self.buyer, idempotency_key="1", now=NOW
            )
            redemption = factories.redeem(self.amara, self.item, codes[2])
            checkout_operations.reverse(redemption.pk, actor=self.admin, reason="x", now=NOW)
            order_operations.cancel_order(self.order.pk, actor=self.admin, now=NOW)

        heard = self.hear(act)
        self.assertGreaterEqual(len(heard), 4)
        signals = {name: SIGNALS[name] for name, _ in heard}
        wire = b"".join(
            serialize_event_data_to_bytes({key: data}, signals[name])
            for name, data in heard
            for key in signals[name].init_data
        ).decode("latin-1")
        for code in codes:
            self.assertNotIn(code, wire)
            self.assertNotIn(code.replace("-", ""), wire)
        for personal in (
            "zoe",
            "Zoe",
            "amara",
            "olive",
            "buyer",
            "example.com",
            "High Street",
            "Acme Ltd",
        ):
            self.assertNotIn(personal, wire)


@ddt.ddt
class CommitTest(TransactionTestCase):
    """With transactions that really end."""

    def setUp(self) -> None:
        make_world(self)

    def test_nothing_is_told_before_the_commit_nor_after_a_rollback(self) -> None:
        with listening() as heard:
            with self.assertRaises(ZeroDivisionError), transaction.atomic():
                factories.pay(self.amara, self.item, self.wallet, now=NOW)
                self.assertEqual(heard, [])
                raise ZeroDivisionError
            self.assertEqual(heard, [])
            factories.pay(self.amara, self.item, self.wallet, now=NOW)
        self.assertEqual([name for name, _ in heard], ["TOKENS_DEBITED"])

    @ddt.data(True, False)
    def test_a_listener_that_fails_changes_nothing(self, debug: bool) -> None:
        """With DEBUG openedx-events lets it through, to us."""

        def fail(**_kwargs: Any) -> None:
            raise ZeroDivisionError

        events.TOKENS_DEBITED.connect(fail)
        self.addCleanup(events.TOKENS_DEBITED.disconnect, fail)
        with self.settings(DEBUG=debug), self.assertLogs("django", "ERROR"):
            redemption = factories.pay(self.amara, self.item, self.wallet, now=NOW)
        redemption.refresh_from_db()
        self.assertEqual(redemption.state, "completed")
