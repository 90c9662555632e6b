"""Addresses of the learners', the members' and the buyers' pages."""

from __future__ import annotations

from django.urls import path

from token_payments.portal import course_payments, finish, own_codes, receipt, views
from token_payments.portal.assignments import batches, changes, giving, learners
from token_payments.portal.order_page import (
    cancelling,
    code_pages,
    delegates,
    files,
    overview,
    reveal,
    sheet,
)
from token_payments.portal.orders import listing, requesting
from token_payments.portal.tokens import (
    alert,
    balances,
    enrol,
    members,
    statement,
    transferring,
)

CHECKOUT = "checkout/<str:item_key>/"
COURSE = "courses/<str:item_key>/payments/"
MINE = "tokens/mine/"
ACCOUNT = "tokens/<int:account_id>/"
ORDER = "tokens/orders/<int:order_id>/"
LEARNERS = f"{ORDER}learners/"
BATCH = f"{LEARNERS}batches/<int:batch_id>/"
ASSIGNMENT = f"{LEARNERS}<int:assignment_id>/"

urlpatterns = [
    path(CHECKOUT, views.checkout, name="checkout"),
    path(f"{CHECKOUT}review/", views.review, name="review"),
    path(f"{CHECKOUT}finish/", finish.finish, name="finish"),
    path(f"{CHECKOUT}enrol-again/", finish.enrol_again, name="enrol_again"),
    path("receipt/<uuid:redemption_uuid>/", receipt.receipt, name="receipt"),
    path(COURSE, course_payments.course_payments, name="course_payments"),
    path(f"{COURSE}orders/", course_payments.course_orders, name="course_orders"),
    path(f"{COURSE}csv/", course_payments.course_payments_csv, name="course_payments_csv"),
    path("tokens/", balances.tokens, name="tokens"),
    path(MINE, own_codes.own_codes, name="own_codes"),
    path(f"{MINE}<int:assignment_id>/use/", own_codes.use_code, name="use_code"),
    path(f"{MINE}<int:assignment_id>/show/", own_codes.show_code, name="show_code"),
    path("tokens/orders/", listing.orders, name="orders"),
    path("tokens/orders/request/", requesting.request_order, name="request_order"),
    path(ORDER, overview.overview, name="order"),
    path(f"{ORDER}progress/", overview.progress, name="order_progress"),
    path(f"{ORDER}tokens/", code_pages.tokens, name="order_tokens"),
    path(f"{ORDER}tokens/search/", code_pages.search_tokens, name="order_tokens_search"),
    path(f"{ORDER}tokens/reveal/", reveal.reveal_tokens, name="order_tokens_reveal"),
    path(f"{ORDER}tokens/copy/", reveal.copy_tokens, name="order_tokens_copy"),
    path(f"{ORDER}tokens/csv/", files.download_tokens, name="order_tokens_csv"),
    path(f"{ORDER}tokens/mail/", files.mail_tokens, name="order_tokens_mail"),
    path(f"{ORDER}tokens/print/", sheet.sheet, name="order_sheet"),
    path(f"{ORDER}helpers/", delegates.show_delegates, name="order_people"),
    path(f"{ORDER}cancel/", cancelling.cancelling, name="order_cancel"),
    path(f"{ORDER}log/", overview.log, name="order_log"),
    path(f"{ORDER}invoice/", overview.invoice, name="order_invoice"),
    path(f"{ORDER}invoice/pdf/", overview.invoice_pdf, name="order_invoice_pdf"),
    path(LEARNERS, learners.learners, name="order_learners"),
    path(f"{LEARNERS}csv/", learners.learners_csv, name="learners_csv"),
    path(f"{LEARNERS}give/", giving.give_tokens, name="give_tokens"),
    path(f"{LEARNERS}give/confirm/", giving.confirm_tokens, name="confirm_tokens"),
    path(f"{LEARNERS}give/example/", giving.example, name="learners_example"),
    path(f"{LEARNERS}remind/", changes.remind, name="remind_learners"),
    path(BATCH, batches.batch, name="assignment_batch"),
    path(f"{BATCH}progress/", batches.progress, name="batch_progress"),
    path(f"{BATCH}send-again/", batches.send_batch_again, name="send_batch_again"),
    path(f"{ASSIGNMENT}send-again/", batches.send_again, name="send_mail_again"),
    path(f"{ASSIGNMENT}reassign/", changes.reassign, name="reassign_token"),
    path(f"{ASSIGNMENT}take-back/", changes.take_back, name="take_token_back"),
    path(f"{ACCOUNT}<int:type_id>/", statement.statement, name="statement"),
    path(f"{ACCOUNT}<int:type_id>/csv/", statement.statement_csv, name="statement_csv"),
    path(f"{ACCOUNT}<int:type_id>/alert/", alert.alert, name="alert"),
    path(f"{ACCOUNT}<int:type_id>/transfer/", transferring.transfer_tokens, name="transfer_tokens"),
    path(f"{ACCOUNT}orders/", listing.account_orders, name="account_orders"),
    path(f"{ACCOUNT}members/", members.members, name="members"),
    path(f"{ACCOUNT}members/change/", members.change_member, name="change_member"),
    path(f"{ACCOUNT}enrol/", enrol.enrol_members, name="enrol_members"),
    path(f"{ACCOUNT}enrol/pay/", enrol.pay_for_members, name="pay_for_members"),
]
