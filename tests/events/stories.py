"""What happens, and what of it is told: for the events, and for what webhooks write down."""

from __future__ import annotations

import uuid
from decimal import Decimal

from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests import factories
from tests.events.base import COURSE, DAY, NOW, EventCase, listening
from token_payments import events
from token_payments.assignments import operations as assignment_operations
from token_payments.checkout import operations as checkout_operations
from token_payments.errors import PaymentRefused
from token_payments.models import TokenOrder
from token_payments.orders import operations as order_operations
from token_payments.wallets import operations as wallet_operations


class OrderEvents(EventCase):
    def test_requested(self) -> None:
        ((name, data),) = self.hear(
            lambda: factories.make_order(
                self.item, buyer=self.buyer, quantity=4, now=NOW, account=self.account
            )
        )
        order = TokenOrder.objects.get(quantity=4)
        self.assertEqual(name, "TOKEN_ORDER_REQUESTED")
        self.assertEqual(
            data,
            events.TokenOrderData(
                order_id=order.pk,
                number=order.number,
                kind="codes",
                status="requested",
                quantity=4,
                tokens=4,
                buyer_id=self.buyer.pk,
                item_key=COURSE,
                account_id=self.account.pk,
                token_type="",
                unit_price="149.000",
                currency="GBP",
                actor_id=self.buyer.pk,
                time=NOW,
            ),
        )

    def test_processed(self) -> None:
        heard = self.hear(lambda: factories.process(self.request))
        self.assertEqual([name for name, _ in heard], ["TOKEN_ORDER_PROCESSED"])
        self.assertEqual((heard[0][1].status, heard[0][1].actor_id), ("processed", None))

    def test_an_order_of_wallet_tokens_issues_them(self) -> None:
        order = factories.make_wallet_order(self.account, self.gold, buyer=self.buyer, now=NOW)
        heard = self.hear(
            lambda: order_operations.start_processing(order.pk, actor=self.admin, now=NOW)
        )
        self.assertEqual([name for name, _ in heard], ["TOKENS_ISSUED", "TOKEN_ORDER_PROCESSED"])
        self.assertEqual((heard[1][1].kind, heard[1][1].token_type), ("wallet", "Gold"))
        self.assertEqual((heard[0][1].amount, heard[0][1].account_id), (10, self.account.pk))

    def test_cancelled(self) -> None:
        ((name, data),) = self.hear(
            lambda: order_operations.cancel_order(self.order.pk, actor=self.admin, now=NOW)
        )
        self.assertEqual((name, data.status), ("TOKEN_ORDER_CANCELLED", "cancelled"))
        self.assertEqual((data.tokens, data.actor_id), (3, self.admin.pk))

    def test_declined(self) -> None:
        heard = self.names(
            lambda: order_operations.decline_order(
                self.request.pk, reason="No.", actor=self.admin, now=NOW
            )
        )
        self.assertEqual(heard, ["TOKEN_ORDER_CANCELLED"])

    def test_withdrawn(self) -> None:
        ((name, data),) = self.hear(
            lambda: order_operations.withdraw_order(self.request.pk, actor=self.buyer, now=NOW)
        )
        self.assertEqual((name, data.status), ("TOKEN_ORDER_CANCELLED", "cancelled"))
        self.assertEqual((data.tokens, data.actor_id), (0, self.buyer.pk))

    def test_partly_cancelled(self) -> None:
        ((name, data),) = self.hear(
            lambda: assignment_operations.cancel_unused(
                self.order.pk,
                quantity=2,
                refund_amount=Decimal(0),
                actor=self.admin,
                idempotency_key="1",
                now=NOW,
            )
        )
        self.assertEqual(name, "TOKEN_ORDER_PARTLY_CANCELLED")
        self.assertEqual((data.tokens, data.quantity, data.status), (2, 3, "processed"))

    def test_assigned_at_once_is_told_once(self) -> None:
        people = [
            assignment_operations.Recipient("zoe@example.com"),
            assignment_operations.Recipient("bob@example.com"),
        ]
        ((name, data),) = self.hear(
            lambda: assignment_operations.assign_codes(
                self.order.pk, people, actor=self.buyer, idempotency_key="1", now=NOW
            )
        )
        self.assertEqual((name, data.tokens), ("TOKEN_CODES_ASSIGNED", 2))

    def test_the_same_request_again_tells_nothing(self) -> None:
        key = uuid.uuid4()
        first = factories.make_order(self.item, buyer=self.buyer, uuid=key, now=NOW)
        self.assertEqual(
            self.hear(lambda: factories.make_order(self.item, buyer=self.buyer, uuid=key, now=NOW)),
            [],
        )
        self.assertEqual(TokenOrder.objects.filter(uuid=first.uuid).count(), 1)

    def test_looks_and_helpers_are_nobodys_business(self) -> None:
        self.assertEqual(
            self.hear(
                lambda: assignment_operations.add_delegate(
                    self.order, self.amara, actor=self.buyer, now=NOW
                ),
            ),
            [],
        )


class PaymentEvents(EventCase):
    def test_a_code(self) -> None:
        code = factories.list_codes(self.order)[1]
        heard = self.hear(lambda: factories.redeem(self.amara, self.item, code))
        ((name, data),) = heard
        redemption = self.amara.token_redemptions.get()
        self.assertEqual(name, "TOKEN_CODE_REDEEMED")
        self.assertEqual((data.order_id, data.serial), (self.order.pk, 2))
        self.assertEqual((data.learner_id, data.actor_id), (self.amara.pk, self.amara.pk))
        self.assertEqual((data.item_key, data.redemption_uuid), (COURSE, str(redemption.uuid)))
        (undone,) = self.hear(
            lambda: checkout_operations.reverse(
                redemption.pk, actor=self.admin, reason="x", now=NOW
            )
        )
        self.assertEqual((undone[0], undone[1].serial), ("TOKEN_CODE_REVERSED", 2))
        self.assertEqual(undone[1].actor_id, self.admin.pk)

    def test_tokens_of_two_issues_are_one_payment(self) -> None:
        ((name, data),) = self.hear(
            lambda: factories.pay(self.amara, self.item, self.wallet, now=NOW)
        )
        redemption = self.amara.token_redemptions.get()
        self.assertEqual(
            (name, data),
            (
                "TOKENS_DEBITED",
                events.TokensData(
                    account_id=self.account.pk,
                    wallet_id=self.wallet.pk,
                    token_type="Gold",
                    amount=-7,
                    redemption_uuid=str(redemption.uuid),
                    actor_id=self.amara.pk,
                    time=NOW,
                ),
            ),
        )
        undone = self.hear(
            lambda: checkout_operations.reverse(
                redemption.pk, actor=self.admin, reason="x", now=NOW
            )
        )
        self.assertEqual([name for name, _ in undone], ["TOKENS_REVERSED"] * 2)
        self.assertEqual(
            [(data.issue_id, data.amount) for _, data in undone],
            [(issue.pk, amount) for issue, amount in zip(self.issues, (5, 2), strict=True)],
        )
        self.assertEqual({data.redemption_uuid for _, data in undone}, {str(redemption.uuid)})

    def test_a_refused_payment_tells_nothing(self) -> None:
        code = factories.list_codes(self.order)[0]
        factories.redeem(self.admin, self.item, code)

        def refuse() -> None:
            with self.assertRaises(PaymentRefused):
                factories.redeem(self.amara, self.item, code)

        self.assertEqual(self.hear(refuse), [])

    def test_who_listens_costs_no_query_of_the_payments_transaction(self) -> None:
        """What is told is looked up when the payment is committed."""
        first, code, other = factories.list_codes(self.order)
        factories.redeem(self.admin, self.item, first)  # what is cached, is cached
        with CaptureQueriesContext(connection) as alone:
            factories.redeem(self.amara, self.item, code)
        with listening(), CaptureQueriesContext(connection) as heard:
            factories.redeem(self.buyer, self.item, other)
        self.assertEqual(len(heard), len(alone))


class LedgerEvents(EventCase):
    def test_issued(self) -> None:
        ((name, data),) = self.hear(
            lambda: factories.issue_tokens(
                self.account, self.gold, 9, actor=self.admin, now=NOW, expires_at=NOW + DAY
            )
        )
        self.assertEqual((name, data.amount, data.expires_at), ("TOKENS_ISSUED", 9, NOW + DAY))
        self.assertEqual((data.actor_id, data.token_type), (self.admin.pk, "Gold"))

    def test_adjusted(self) -> None:
        for amount in (3, -2):
            ((name, data),) = self.hear(lambda amount=amount: self.adjust(amount))
            self.assertEqual((name, data.amount), ("TOKENS_ADJUSTED", amount))

    def test_extended(self) -> None:
        later = NOW + 90 * DAY
        ((name, data),) = self.hear(
            lambda: wallet_operations.extend_expiry(
                self.issues[0].pk, later, actor=self.admin, reason="x", idempotency_key="e", now=NOW
            )
        )
        self.assertEqual((name, data.amount, data.expires_at), ("TOKENS_EXTENDED", 0, later))

    def test_taken_back(self) -> None:
        order = factories.make_wallet_order(self.account, self.gold, buyer=self.buyer, now=NOW)
        order_operations.start_processing(order.pk, actor=self.admin, now=NOW)
        heard = self.names(
            lambda: order_operations.cancel_order(order.pk, actor=self.admin, now=NOW)
        )
        self.assertEqual(heard, ["TOKENS_CANCELLED", "TOKEN_ORDER_CANCELLED"])

    def test_expired(self) -> None:
        heard = self.hear(lambda: wallet_operations.expire_all_issues(now=NOW + 40 * DAY))
        self.assertEqual(
            [(name, data.issue_id, data.amount, data.actor_id) for name, data in heard],
            [("TOKENS_EXPIRED", issue.pk, -5, None) for issue in self.issues],
        )
        self.assertEqual({data.time for _, data in heard}, {NOW + 40 * DAY})

    def test_expiries_are_looked_up_together(self) -> None:
        with listening(), self.captureOnCommitCallbacks() as callbacks:
            wallet_operations.expire_issues(now=NOW + 40 * DAY)
        with listening() as heard, CaptureQueriesContext(connection) as captured:
            for callback in callbacks:
                callback()
        self.assertEqual(len(heard), 2)
        self.assertEqual(len(captured), 1)

    def test_a_low_balance_is_told_once_an_episode(self) -> None:
        def set_threshold() -> None:
            wallet_operations.set_low_balance(
                self.wallet.pk, threshold=11, actor=self.admin, now=NOW
            )

        ((name, data),) = self.hear(set_threshold)
        self.assertEqual((name, data.balance, data.threshold), ("TOKEN_BALANCE_LOW", 10, 11))
        self.assertEqual((data.wallet_id, data.token_type), (self.wallet.pk, "Gold"))
        self.assertEqual(self.hear(set_threshold), [])

    def adjust(self, amount: int) -> None:
        wallet_operations.adjust_issue(
            self.issues[0].pk,
            amount,
            actor=self.admin,
            reason="x",
            idempotency_key=uuid.uuid4().hex,
            now=NOW,
        )
