"""Idempotency-Key: what changes something is done once, however often it is sent."""

from __future__ import annotations

from datetime import timedelta
from unittest import mock

from django.test import TestCase
from django.utils import timezone

from tests import factories
from tests.rest_api.base import ApiClient, permit
from token_payments.models import StoredAnswer, TokenIssue, TokenType
from token_payments.outbox import idempotency
from token_payments.privacy import operations as privacy_operations
from token_payments.rest_api.v1 import token_types
from token_payments.wallets import operations as wallet_operations

NOW = timezone.now


class KeyTest(TestCase):
    def setUp(self) -> None:
        rights = ("add_tokentype", "change_tokentype", "add_tokenissue", "view_tokenissue")
        self.user = permit(factories.make_user("program"), *rights)
        self.api = ApiClient(self.user)

    def test_a_write_without_a_key_is_refused(self) -> None:
        for key in ("", "k" * 256):
            answer = self.api.post("/token-types/", {"name": "Gold"}, key=key)
            self.assertEqual(answer.status_code, 400)
            self.assertEqual(answer.json()["code"], "idempotency_key_missing")
        self.assertFalse(TokenType.objects.exists())

    def test_a_retry_is_answered_the_same_whatever_has_changed_since(self) -> None:
        first = self.api.post("/token-types/", {"name": "Gold"}, key="a")
        TokenType.objects.all().delete()
        again = self.api.post("/token-types/", {"name": "Gold"}, key="a")
        self.assertEqual(again.status_code, 201)
        for name in ("Location", "ETag"):
            self.assertEqual(again[name], first[name])
        self.assertEqual(again.content, first.content)
        self.assertFalse(TokenType.objects.exists())

    def test_keys_differ_by_every_character_and_by_user(self) -> None:
        self.assertEqual(self.api.post("/token-types/", {"name": "A"}, key="a").status_code, 201)
        self.assertEqual(self.api.post("/token-types/", {"name": "B"}, key="A").status_code, 201)
        other = ApiClient(permit(factories.make_user("other"), "add_tokentype"))
        self.assertEqual(other.post("/token-types/", {"name": "C"}, key="a").status_code, 201)

    def test_the_same_key_for_another_request_is_422_and_does_nothing(self) -> None:
        self.api.post("/token-types/", {"name": "Gold"}, key="a")
        for path, body in (("/token-types/", {"name": "Silver"}), ("/accounts/", {"name": "Gold"})):
            answer = self.api.post(path, body, key="a")
            self.assertEqual((answer.status_code, answer.json()["code"]), (422, "key_reused"))
        self.assertEqual(TokenType.objects.count(), 1)

    def test_a_refusal_of_the_domain_is_kept_like_a_result(self) -> None:
        gold = factories.make_type()
        account = factories.make_account()
        wallet_operations.archive_type(gold.pk, actor=self.user)
        body = {"account": account.pk, "token_type": gold.pk, "quantity": 1}
        first = self.api.post("/issues/", body, key="a")
        self.assertEqual((first.status_code, first.json()["code"]), (409, "type_archived"))
        wallet_operations.restore_type(gold.pk, actor=self.user)
        self.assertEqual(self.api.post("/issues/", body, key="a").content, first.content)
        self.assertEqual(self.api.post("/issues/", body, key="b").status_code, 201)

    def test_what_never_began_leaves_the_key_free(self) -> None:
        self.assertEqual(self.api.post("/token-types/", {"name": ""}, key="a").status_code, 400)
        self.assertEqual(self.api.post("/accounts/", {"name": "Acme"}, key="a").status_code, 403)
        self.assertEqual(self.api.post("/token-types/", {"name": "Gold"}, key="a").status_code, 201)

    def test_a_request_that_still_runs_is_409(self) -> None:
        def ask_again(*args: object, **kwargs: object) -> TokenType:
            answer = self.api.post("/token-types/", {"name": "Gold"}, key="a")
            self.assertEqual((answer.status_code, answer.json()["code"]), (409, "request_running"))
            self.assertEqual(answer["Retry-After"], "1")
            return TokenType.objects.create(name="Gold")

        with mock.patch.object(token_types.wallet_operations, "add_type", ask_again):
            first = self.api.post("/token-types/", {"name": "Gold"}, key="a")
        self.assertEqual(first.status_code, 201)

    def test_one_that_crashes_frees_its_key_and_changes_nothing(self) -> None:
        self.api.client.raise_request_exception = False
        with mock.patch.object(idempotency, "store_answer", side_effect=RuntimeError):
            answer = self.api.post("/token-types/", {"name": "Gold"}, key="a")
        self.assertEqual(answer.status_code, 500)
        self.assertFalse(TokenType.objects.exists())
        self.assertFalse(StoredAnswer.objects.exists())

    def test_one_that_died_is_run_again_after_two_minutes_and_does_nothing_twice(self) -> None:
        gold, account = factories.make_type(), factories.make_account()
        body = {"account": account.pk, "token_type": gold.pk, "quantity": 5}
        self.assertEqual(self.api.post("/issues/", body, key="a").status_code, 201)
        dead = {"status": None, "body": "", "headers": {}}
        for age, status in ((119, 409), (121, 201)):
            when = NOW() - timedelta(seconds=age)
            StoredAnswer.objects.update(claimed_at=when, **dead)
            self.assertEqual(self.api.post("/issues/", body, key="a").status_code, status, age)
        self.assertEqual(TokenIssue.objects.count(), 1)

    def test_who_was_taken_for_dead_undoes_its_work(self) -> None:
        def be_slow(token_type: TokenType, **_: object) -> TokenType:
            token_type.save()
            StoredAnswer.objects.update(claim="0" * 32)
            return token_type

        with mock.patch.object(token_types.wallet_operations, "add_type", be_slow):
            answer = self.api.post("/token-types/", {"name": "Gold"}, key="a")
        self.assertEqual((answer.status_code, answer.json()["code"]), (409, "request_running"))
        self.assertFalse(TokenType.objects.exists())

    def test_answers_are_forgotten_after_30_days(self) -> None:
        self.api.post("/token-types/", {"name": "Old"}, key="a")
        StoredAnswer.objects.update(claimed_at=NOW() - timedelta(days=30, seconds=1))
        self.api.post("/token-types/", {"name": "New"}, key="b")
        self.assertEqual(idempotency.purge_answers(now=NOW()), 1)
        self.assertEqual(StoredAnswer.objects.count(), 1)

    def test_who_is_retired_stands_in_no_answer_any_more(self) -> None:
        rights = ("add_account", "change_account", "view_account")
        self.api = ApiClient(permit(self.user, *rights))
        account = self.api.post("/accounts/", {"name": "Acme"}).json()
        leaver = factories.make_user("zq_quux", email="zq@example.org")
        for user in ("zq_quux", "program"):
            body = {"user": user, "role": "member"}
            answer = self.api.post(f"/accounts/{account['id']}/members/", body)
            self.assertEqual(answer.status_code, 201, answer.content)
        privacy_operations.retire_person(user=leaver, now=NOW())
        self.assertEqual(StoredAnswer.objects.count(), 2)
        self.assertFalse(StoredAnswer.objects.filter(body__contains="quux").exists())
        privacy_operations.retire_person(user=self.user, now=NOW())
        self.assertFalse(StoredAnswer.objects.exists())

    def test_neither_the_key_nor_a_code_is_kept(self) -> None:
        factories.allow_paid()
        key = "course-v1:Api+KEPT+2026"
        factories.make_course(key)
        item = factories.make_item(key)
        order = factories.make_processed_order(item, buyer=factories.make_user("buyer"))
        code = factories.list_codes(order)[0]
        body = {"item_key": key, "code": code}
        self.assertEqual(self.api.post("/redemptions/", body, key="my key").status_code, 201)
        [kept] = StoredAnswer.objects.values_list()
        text = repr(kept)
        for secret in (code, code.replace("-", ""), "my key"):
            self.assertNotIn(secret, text)
