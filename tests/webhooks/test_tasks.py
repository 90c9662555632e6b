"""Workers: what is written down is sent after the commit, and by the schedule without a broker."""

from __future__ import annotations

from io import StringIO
from unittest.mock import patch

import pytest
from django.core.management import call_command
from django.utils import timezone
from kombu.exceptions import OperationalError

from tests import factories
from tests.webhooks.base import add_endpoint, raise_tokens
from tests.webhooks.receiver import Receiver
from token_payments import tasks
from token_payments.models import PendingTask, WebhookEndpoint, WebhookEvent

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_worker_is_told_once_it_is_committed(receiver: Receiver) -> None:
    account = factories.make_account()
    add_endpoint(receiver.url, account)
    raise_tokens(account)
    assert len(receiver.got) == 1


def test_without_a_broker_the_schedule_sends_it(receiver: Receiver) -> None:
    account = factories.make_account()
    add_endpoint(receiver.url, account)
    with patch.object(tasks.webhooks.deliver_webhooks, "delay", side_effect=OperationalError):
        raise_tokens(account)
    assert receiver.got == []
    out = StringIO()
    call_command("token_payments_send_webhooks", stdout=out)
    assert out.getvalue() == "Delivered: 1, failed: 0.\n"
    assert len(receiver.got) == 1


def test_the_mail_is_written_down_with_switching_off(receiver: Receiver) -> None:
    account = factories.make_account(managers=[factories.make_user("mia")])
    endpoint = add_endpoint(receiver.url, account)
    receiver.refuse(410)
    with patch.object(tasks.webhooks.mail_webhook_off, "delay", side_effect=OperationalError):
        raise_tokens(account)
    assert not WebhookEndpoint.objects.get().is_active
    pending = PendingTask.objects.get()
    assert pending.task == "token_payments.tasks.mail_webhook_off"
    assert pending.arguments.startswith(f'{{"endpoint_id": {endpoint.pk}, "when": ')


def test_what_is_old_is_forgotten_by_command_and_task(receiver: Receiver) -> None:
    from datetime import timedelta

    account = factories.make_account()
    add_endpoint(receiver.url, account)
    long_ago = timezone.now() - timedelta(days=40)
    raise_tokens(account, now=long_ago)
    out = StringIO()
    call_command("token_payments_send_webhooks", "--purge", stdout=out)
    assert out.getvalue() == "Forgotten: 1 events.\n"
    raise_tokens(account, now=long_ago)
    assert tasks.webhooks.purge_webhooks() == 1
    assert not WebhookEvent.objects.exists()
