"""A body for each operation that takes one, by the operation's id."""

from __future__ import annotations

from typing import Any

COURSE = "course-v1:Acme+SAFE101+2026"
CODE = "7KQ2-M4ZD-W9TX-3VBNC"
BILLING = {
    "name": "Acme Ltd",
    "street": "1 High Street",
    "postcode": "SW1A 1AA",
    "city": "London",
    "country": "GB",
}

BODIES: dict[str, dict[str, Any]] = {
    "accounts_create": {"name": "Acme Ltd", "reference": "CRM-4711", "billing": BILLING},
    "accounts_partial_update": {"reference": "CRM-4712"},
    "accounts_freeze_create": {"reason": "Unpaid"},
    "accounts_unfreeze_create": {"reason": "Paid"},
    "accounts_members_create": {"user": "ann@example.com", "role": "member"},
    "accounts_members_partial_update": {"role": "manager"},
    "catalogue_items_create": {
        "item_key": COURSE,
        "enrolment_method": "paid",
        "payment_methods": ["token_code", "wallet"],
        "price": "149.00",
        "currency": "GBP",
        "token_prices": [{"token_type": 1, "quantity": 3}],
    },
    "catalogue_items_partial_update": {"token_prices": [{"token_type": 1, "quantity": 2}]},
    "codes_check_create": {"item_key": COURSE, "code": CODE},
    "issues_create": {
        "account": 1,
        "token_type": 1,
        "quantity": 10,
        "reference": "SO-2026-17",
        "unit_price": "45.00",
        "currency": "GBP",
    },
    "issues_extend_create": {"expires_at": "2027-12-31T23:59:59Z", "reason": "Course was late"},
    "issues_use_last_create": {"use_last": True, "reason": "Kept for the autumn"},
    "issues_adjust_create": {"amount": -2, "reason": "Miscounted"},
    "orders_create": {"kind": "codes", "item_key": COURSE, "quantity": 20, "billing": BILLING},
    "orders_decline_create": {"reason": "The course has been withdrawn"},
    "orders_cancel_create": {"reason": "Ordered twice", "refund_amount": "2980.00"},
    "orders_cancel_tokens_create": {"quantity": 5, "reason": "Five people left"},
    "orders_cancellation_requests_create": {
        "quantity": 2,
        "serials": "3, 7",
        "reason": "Two people left",
    },
    "orders_cancellation_requests_grant_create": {"refund_amount": "298.00"},
    "orders_cancellation_requests_decline_create": {"answer": "The course has begun"},
    "orders_codes_reveal_create": {"serials": [1, 2, 3]},
    "orders_assignments_create": {
        "recipients": [{"email": "ann@example.com", "name": "Ann Lee"}],
    },
    "orders_assignments_reassign_create": {"email": "bob@example.com", "name": "Bob Ray"},
    "orders_assignments_bulk_create": {
        "recipients": [{"email": "ann@example.com", "name": "Ann Lee"}],
    },
    "redemptions_create": {
        "item_key": COURSE,
        "wallet": 1,
        "tokens": 3,
        "learner": "ann",
    },
    "redemptions_members_create": {
        "item_key": COURSE,
        "wallet": 1,
        "tokens": 3,
        "members": ["ann", "bob@example.com"],
    },
    "redemptions_bulk_create": {
        "item_key": COURSE,
        "wallet": 1,
        "tokens": 3,
        "members": ["ann", "bob@example.com"],
    },
    "redemptions_reverse_create": {"reason": "Ill", "unenrol": True},
    "wallets_transfer_create": {"account": 2, "quantity": 5, "reason": "Merged teams"},
    "webhook_endpoints_create": {
        "account": 1,
        "url": "https://crm.example.com/hooks/tokens",
        "event_types": ["org.openedx.token_payments.tokens.debited.v1"],
    },
    "webhook_endpoints_partial_update": {"is_active": True},
    "webhook_endpoints_redeliver_failed_create": {"since": "2026-11-27T09:30:00Z"},
    "token_types_create": {"name": "Gold", "redemption_days": 365},
    "token_types_partial_update": {"description": "For all courses of two days"},
}
