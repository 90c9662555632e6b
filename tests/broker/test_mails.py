"""Learners' mails by real workers on the real broker, one of which is killed half-way."""

from __future__ import annotations

import re
from collections import Counter
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from django.utils import timezone

from tests import factories
from tests.broker.worker import kill, run_worker, send, wait_for, write_site_settings
from token_payments.assignments import operations as assignment_operations
from token_payments.assignments import queries as assignment_queries
from token_payments.models import CodeAssignment, MailState, TokenOrder

pytestmark = [pytest.mark.broker, pytest.mark.django_db(transaction=True)]

COURSE = "course-v1:Mail+M1+2026"
LEARNERS = 200


@pytest.fixture
def order() -> TokenOrder:
    """Processed, with a code for each learner; nobody has been told."""
    item = factories.make_shop(COURSE, modes={"verified": 149})
    buyer = factories.make_user("buyer")
    order = factories.make_processed_order(item, buyer=buyer, quantity=LEARNERS)
    assignment_operations.assign_codes(
        order.pk,
        [
            assignment_operations.Recipient(f"learner{number:03}@example.com")
            for number in range(LEARNERS)
        ],
        actor=buyer,
        idempotency_key=uuid4().hex,
        now=timezone.now(),
    )
    return order


def count(state: MailState) -> int:
    return CodeAssignment.objects.filter(mail_state=state).count()


def read_mailed(folder: Path) -> Counter[str]:
    """How many mails went to which address."""
    written = "".join(path.read_text(encoding="utf-8") for path in (folder / "mails").glob("*"))
    return Counter(re.findall(r"^To: (.*)$", written, flags=re.MULTILINE))


def test_a_worker_killed_half_way_mails_nobody_twice_and_another_one_goes_on(
    order: TokenOrder, tmp_path: Path
) -> None:
    queue = f"test-{uuid4().hex}"
    site_settings = write_site_settings(tmp_path)
    send(queue, "mail_assignments", order.pk)
    with run_worker(site_settings, queue=queue) as worker:
        wait_for(lambda: count(MailState.SENT) >= LEARNERS // 4, seconds=60, what="first mails")
        kill(worker)
    sent, sending = count(MailState.SENT), count(MailState.SENDING)
    assert LEARNERS // 4 <= sent < LEARNERS
    assert sending <= 1
    with run_worker(site_settings, queue=queue):  # the broker hands it the same task
        wait_for(lambda: count(MailState.WAITING) == 0, seconds=60, what="the others")
        wait_for(
            lambda: count(MailState.SENT) == LEARNERS - sending, seconds=10, what="the last one"
        )
        kept = set(CodeAssignment.objects.filter(mail_state="sending").values_list("pk", flat=True))
        assert len(kept) == sending
    mailed = read_mailed(tmp_path)
    confirmed = CodeAssignment.objects.filter(mail_state=MailState.SENT)
    assert set(mailed.values()) == {1}
    assert set(confirmed.values_list("email", flat=True)) <= set(mailed)
    assert len(mailed) >= LEARNERS - sending


def test_what_a_killed_worker_left_in_the_middle_is_shown_and_waits_for_a_person(
    order: TokenOrder, tmp_path: Path
) -> None:
    queue = f"test-{uuid4().hex}"
    claimed = CodeAssignment.objects.order_by("pk")[LEARNERS // 2]
    died = timezone.now() - timedelta(minutes=20)
    assert assignment_operations.claim_mail(claimed.pk, now=died) is not None
    send(queue, "mail_assignments", order.pk)
    with run_worker(write_site_settings(tmp_path), queue=queue):
        wait_for(lambda: count(MailState.SENT) == LEARNERS - 1, seconds=60, what="the others")
        progress = assignment_queries.measure_progress(claimed.batch, now=timezone.now())
        assert (progress.sent, progress.stale) == (LEARNERS - 1, 1)
        assert claimed.email not in read_mailed(tmp_path)

        assert assignment_operations.send_again(claimed.pk, now=timezone.now())
        send(queue, "mail_assignments", order.pk)
        wait_for(lambda: count(MailState.SENT) == LEARNERS, seconds=60, what="the last one")
    mailed = read_mailed(tmp_path)
    assert len(mailed) == LEARNERS
    assert set(mailed.values()) == {1}


def test_two_workers_at_once_mail_everybody_once(order: TokenOrder, tmp_path: Path) -> None:
    queue = f"test-{uuid4().hex}"
    site_settings = write_site_settings(tmp_path)
    for _ in range(4):
        send(queue, "mail_assignments", order.pk)
    with run_worker(site_settings, queue=queue), run_worker(site_settings, queue=queue):
        wait_for(lambda: count(MailState.SENT) == LEARNERS, seconds=60, what="all mails")
    mailed = read_mailed(tmp_path)
    assert len(mailed) == LEARNERS
    assert set(mailed.values()) == {1}
