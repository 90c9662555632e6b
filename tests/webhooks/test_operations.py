"""Endpoints: what may be entered, how many, who is told, and that their history is kept."""

from __future__ import annotations

from typing import Any

import pytest
from django.core import mail
from django.utils import timezone

from tests import factories
from tests.webhooks.base import add_endpoint, deliver, raise_tokens
from tests.webhooks.receiver import Receiver
from token_payments.errors import (
    ConfigurationError,
    EndpointRefused,
    TooManyEndpoints,
    VersionConflict,
)
from token_payments.models import Account, AccountMember, WebhookEndpoint, WebhookEvent
from token_payments.notifications import mails
from token_payments.privacy import operations as privacy_operations
from token_payments.wallets.models import AccountRole
from token_payments.webhooks import operations as webhook_operations
from token_payments.webhooks import queries as webhook_queries

pytestmark = pytest.mark.django_db

URL = "https://hooks.example.com/"


@pytest.fixture
def account() -> Account:
    return factories.make_account()


def test_addresses_are_looked_at_when_they_are_entered(account: Account) -> None:
    endpoint = add_endpoint(URL, account)
    for url in ("http://hooks.example.com/", "https://10.0.0.1/", "https://[::1]/"):
        with pytest.raises(EndpointRefused):
            add_endpoint(url, account)
        with pytest.raises(EndpointRefused):
            webhook_operations.change_endpoint(endpoint.pk, {"url": url}, actor=None)
    assert WebhookEndpoint.objects.get().url == URL


def test_there_is_a_limit_for_each_account(account: Account) -> None:
    for _ in range(webhook_queries.MAX_ENDPOINTS):
        add_endpoint(URL, account)
    with pytest.raises(TooManyEndpoints):
        add_endpoint(URL, account)
    add_endpoint(URL)
    add_endpoint(URL, factories.make_account("Other"))


def test_there_is_no_secret_without_a_key(account: Account, settings: Any) -> None:
    settings.TOKEN_PAYMENTS = {**settings.TOKEN_PAYMENTS, "CODE_KEYS": {}}
    with pytest.raises(ConfigurationError):
        add_endpoint(URL, account)


def test_unknown_events_are_refused(account: Account) -> None:
    with pytest.raises(ValueError, match="nothing"):
        add_endpoint(URL, account, event_types=["nothing"])


def test_two_people_dont_undo_each_others_changes(account: Account) -> None:
    endpoint = add_endpoint(URL, account)
    version = webhook_queries.compute_endpoint_version(endpoint)
    webhook_operations.change_endpoint(
        endpoint.pk, {"description": "A"}, actor=None, version=version
    )
    with pytest.raises(VersionConflict):
        webhook_operations.change_endpoint(
            endpoint.pk, {"description": "B"}, actor=None, version=version
        )


def test_what_the_plugin_notes_is_no_new_version(receiver: Receiver, account: Account) -> None:
    endpoint = add_endpoint(receiver.url, account)
    version = webhook_queries.compute_endpoint_version(endpoint)
    receiver.refuse()
    raise_tokens(account)
    deliver()
    endpoint.refresh_from_db()
    assert endpoint.failing_since is not None
    assert webhook_queries.compute_endpoint_version(endpoint) == version


def test_who_changed_what_is_kept(account: Account) -> None:
    ann, bob = (factories.make_user(name) for name in ("ann", "bob"))
    endpoint = add_endpoint(URL, account, actor=ann)
    webhook_operations.change_endpoint(endpoint.pk, {"url": "https://evil.example.com/"}, actor=bob)
    webhook_operations.rotate_secret(endpoint.pk, actor=ann, now=timezone.now())
    webhook_operations.remove_endpoint(endpoint.pk, actor=bob)
    history = WebhookEndpoint.history.order_by("history_id")
    assert [row.history_user for row in history] == [ann, bob, ann, bob]
    assert [row.history_type for row in history] == ["+", "~", "~", "-"]


def test_managers_are_told_once_that_it_was_switched_off(account: Account) -> None:
    for name, role in (("mia", AccountRole.MANAGER), ("mel", AccountRole.MEMBER)):
        user = factories.make_user(name)
        AccountMember.objects.create(account=account, user=user, role=role)
    endpoint = add_endpoint("https://hooks.example.com/a?key=s3cret", account)
    _switch_off(endpoint, "failing")
    for _ in range(2):
        mails.send_webhook_off_mail(endpoint.pk, "t1", now=timezone.now())
    [sent] = mail.outbox
    assert sent.to == ["mia@example.com"]
    assert "https://hooks.example.com/a" in sent.body
    assert "s3cret" not in sent.body + sent.subject
    assert "5 days" in sent.body
    mails.send_webhook_off_mail(endpoint.pk, "t2", now=timezone.now())
    assert len(mail.outbox) == 2


def test_of_a_site_s_endpoint_its_author_is_told_else_the_operator(settings: Any) -> None:
    settings.TOKEN_PAYMENTS = {**settings.TOKEN_PAYMENTS, "DOCTOR_EMAIL": ["ops@example.com"]}
    olive = factories.make_user("olive", is_staff=True)
    endpoint = add_endpoint(URL, actor=olive)
    _switch_off(endpoint, "gone")
    mails.send_webhook_off_mail(endpoint.pk, "t1", now=timezone.now())
    olive.is_active = False
    olive.save()
    mails.send_webhook_off_mail(endpoint.pk, "t2", now=timezone.now())
    assert [sent.to for sent in mail.outbox] == [["olive@example.com"], ["ops@example.com"]]
    assert "410" in mail.outbox[0].body


def test_what_is_switched_on_again_is_told_to_nobody(account: Account) -> None:
    endpoint = add_endpoint(URL, account, actor=factories.make_user("olive"))
    mails.send_webhook_off_mail(endpoint.pk, "t1", now=timezone.now())
    assert mail.outbox == []


def test_an_account_with_an_endpoint_is_kept(account: Account) -> None:
    from django.db.models import ProtectedError

    add_endpoint(URL, account)
    with pytest.raises(ProtectedError):
        account.delete()


def test_names_in_what_was_sent_or_said_go_with_their_person(
    receiver: Receiver, account: Account
) -> None:
    user = factories.make_user("grault", name="Quentin Grault", email="quentin@example.com")
    AccountMember.objects.create(account=account, user=user, role=AccountRole.MANAGER)
    endpoint = add_endpoint(receiver.url, account, description="of Quentin Grault", actor=user)
    receiver.refuse(500, b"no quentin@example.com here")
    gold = factories.make_type()
    gold.name = "Quentin Grault's Gold"
    gold.save()
    factories.issue_tokens(account, gold, 5)
    deliver()
    privacy_operations.retire_person(user=user, now=timezone.now())
    endpoint.refresh_from_db()
    delivery = endpoint.deliveries.get()
    told = [endpoint.description, delivery.response, WebhookEvent.objects.get().body]
    told += list(WebhookEndpoint.history.values_list("description", flat=True))
    assert not [text for text in told if "uentin" in text]
    assert '"amount":5' in WebhookEvent.objects.get().body


def _switch_off(endpoint: WebhookEndpoint, reason: str) -> None:
    WebhookEndpoint.objects.filter(pk=endpoint.pk).update(is_active=False, off_reason=reason)
