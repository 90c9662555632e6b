"""Below tokens/orders/<id>/learners/: whose tokens are whose."""

from __future__ import annotations

from django.urls import path

from token_payments.portal.assignments import batches, changes, giving, learners

BATCH = "batches/<int:batch_id>/"
ONE = "<int:assignment_id>/"

urlpatterns = [
    path("", learners.learners, name="order_learners"),
    path("csv/", learners.learners_csv, name="learners_csv"),
    path("give/", giving.give_tokens, name="give_tokens"),
    path("give/confirm/", giving.confirm_tokens, name="confirm_tokens"),
    path("give/example/", giving.example, name="learners_example"),
    path("remind/", changes.remind, name="remind_learners"),
    path(BATCH, batches.batch, name="assignment_batch"),
    path(f"{BATCH}progress/", batches.progress, name="batch_progress"),
    path(f"{BATCH}send-again/", batches.send_batch_again, name="send_batch_again"),
    path(f"{ONE}send-again/", batches.send_again, name="send_mail_again"),
    path(f"{ONE}reassign/", changes.reassign, name="reassign_token"),
    path(f"{ONE}take-back/", changes.take_back, name="take_token_back"),
]
