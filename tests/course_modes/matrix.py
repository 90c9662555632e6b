"""What happens on every road: in every course, and in every state of two of them.

A cell is here once. ``test_matrix.py`` walks all of them; ``scripts/write_docs.py`` writes
docs/course-modes.md from the same data.
"""

from __future__ import annotations

from collections.abc import Mapping

from tests.course_modes.courses import COURSES
from tests.course_modes.outcomes import Outcome

#: For each outcome the names of the courses, or states, in which it comes about.
Row = Mapping[Outcome, str]

ALL = " ".join(COURSES)

TABLE: Mapping[str, Row] = {
    "checkout": {
        Outcome.PAYS: (
            "verified professional no_id white_label audit_too honor_too "
            "paid_honor two_paid currency sold_audit"
        ),
        Outcome.NOT_SOLD: "closed_too closed deleted",
    },
    "button": {
        Outcome.FREE: "audit_too honor_too closed_too deleted",
        Outcome.MUST_PAY: "paid_honor sold_audit closed",
        Outcome.TO_CHOICE: "verified professional no_id two_paid currency",
        Outcome.NOTHING: "white_label",
    },
    "choice": {
        Outcome.TO_IDENTITY: "professional no_id two_paid",
        Outcome.NOTHING: "white_label paid_honor sold_audit closed_too closed deleted",
        Outcome.SHOWN: "verified audit_too honor_too currency",
    },
    "choice_audit": {
        Outcome.FREE: "audit_too paid_honor closed_too deleted",
        Outcome.MUST_PAY_500: "sold_audit closed",
        Outcome.NO_SUCH_MODE: "verified honor_too currency",
        Outcome.TO_IDENTITY: "professional no_id two_paid",
        Outcome.NOTHING: "white_label",
    },
    "choice_honor": {
        Outcome.FREE: "honor_too",
        Outcome.MUST_PAY_500: "white_label paid_honor",
        Outcome.NO_SUCH_MODE: "verified audit_too currency",
        Outcome.TO_IDENTITY: "professional no_id two_paid",
        Outcome.NOTHING: "sold_audit closed_too closed deleted",
    },
    "choice_verified": {
        Outcome.TO_IDENTITY: "verified professional no_id audit_too honor_too two_paid currency",
        Outcome.NOTHING: "white_label paid_honor sold_audit closed_too closed deleted",
    },
    "v1": {
        Outcome.FREE: "audit_too honor_too closed_too deleted",
        Outcome.MUST_PAY: "white_label paid_honor sold_audit closed",
        Outcome.NO_SUCH_MODE: "verified professional no_id two_paid currency",
    },
    "v1_honor": {
        Outcome.FREE: "honor_too",
        Outcome.MUST_PAY: "white_label paid_honor",
        Outcome.NO_SUCH_MODE: (
            "verified professional no_id audit_too two_paid currency sold_audit "
            "closed_too closed deleted"
        ),
    },
    "v1_sold": {
        Outcome.MUST_PAY: "white_label paid_honor sold_audit",
        Outcome.STAFF_ONLY: (
            "verified professional no_id audit_too honor_too two_paid currency "
            "closed_too closed deleted"
        ),
    },
    "v2": {
        Outcome.FREE: "audit_too honor_too closed_too deleted",
        Outcome.MUST_PAY: "white_label paid_honor sold_audit closed",
        Outcome.NO_SUCH_MODE: "verified professional no_id two_paid currency",
    },
    "v2_honor": {
        Outcome.FREE: "honor_too",
        Outcome.MUST_PAY: "white_label paid_honor",
        Outcome.NO_SUCH_MODE: (
            "verified professional no_id audit_too two_paid currency sold_audit "
            "closed_too closed deleted"
        ),
    },
    "v2_sold": {
        Outcome.MUST_PAY: "white_label paid_honor sold_audit",
        Outcome.STAFF_ONLY: (
            "verified professional no_id audit_too honor_too two_paid currency "
            "closed_too closed deleted"
        ),
    },
    "baskets": {
        Outcome.FREE: "audit_too honor_too closed_too deleted",
        Outcome.MUST_PAY: "white_label paid_honor sold_audit closed",
        Outcome.NO_SUCH_MODE: "verified professional no_id two_paid currency",
    },
    "add_enrollment": {
        Outcome.FREE: "audit_too honor_too closed_too deleted",
        Outcome.MUST_PAY: "white_label paid_honor sold_audit closed",
        Outcome.NO_SUCH_MODE: "verified professional no_id two_paid currency",
    },
    "entitlement": {
        Outcome.MUST_PAY: ALL,
    },
    "back_button": {
        Outcome.FREE: "audit_too honor_too closed_too deleted",
        Outcome.MUST_PAY: "paid_honor sold_audit closed",
        Outcome.TO_CHOICE: "verified professional no_id two_paid currency",
        Outcome.NOTHING: "white_label",
    },
    "back_v1": {
        Outcome.MUST_PAY: "white_label paid_honor sold_audit",
        Outcome.STAFF_ONLY: (
            "verified professional no_id audit_too honor_too two_paid currency "
            "closed_too closed deleted"
        ),
    },
    "back_v1_plain": {
        Outcome.FREE: "audit_too honor_too closed_too deleted",
        Outcome.MUST_PAY: "white_label paid_honor sold_audit closed",
        Outcome.NO_SUCH_MODE: "verified professional no_id two_paid currency",
    },
    "again": {
        Outcome.BACK_IN: (
            "verified professional no_id white_label audit_too honor_too "
            "paid_honor two_paid currency sold_audit closed_too closed"
        ),
        Outcome.MODE_GONE: "deleted",
    },
    "invited": {
        Outcome.FREE: "audit_too honor_too paid_honor closed_too closed deleted",
        Outcome.LET_IN: "white_label sold_audit",
        Outcome.NO_SUCH_MODE: "verified professional no_id two_paid currency",
    },
    "staff": {
        Outcome.LET_IN: (
            "verified professional no_id white_label audit_too honor_too "
            "paid_honor two_paid currency sold_audit"
        ),
        Outcome.NO_SUCH_MODE: "closed_too closed deleted",
    },
    "staff_again": {
        Outcome.LET_IN: ALL,
    },
    "server": {
        Outcome.LET_IN: (
            "verified professional no_id white_label audit_too honor_too "
            "paid_honor two_paid currency sold_audit"
        ),
        Outcome.NO_SUCH_MODE: "closed_too closed deleted",
    },
}

#: By course and road.
STATE_TABLE: Mapping[tuple[str, str], Row] = {
    ("audit_too", "checkout"): {
        Outcome.PAYS: "open not_started ended invited invited_late",
        Outcome.CLOSED: "not_yet closed invited_once",
        Outcome.FULL: "full",
        Outcome.INVITATION: "invitation site_invitation",
        Outcome.EMBARGOED: "embargo",
    },
    ("audit_too", "again"): {
        Outcome.BACK_IN: "open not_started ended invited invited_late",
        Outcome.CLOSED: "not_yet closed invited_once",
        Outcome.FULL: "full",
        Outcome.INVITATION: "invitation site_invitation",
        Outcome.EMBARGOED: "embargo",
    },
    ("audit_too", "button"): {
        Outcome.FREE: "open not_started ended invited invited_late",
        Outcome.EMBARGOED: "embargo",
        Outcome.REFUSED: "not_yet closed invitation site_invitation invited_once full",
    },
    ("audit_too", "choice_audit"): {
        Outcome.FREE: "open not_started ended invited invited_late full embargo",
        Outcome.NOTHING: "not_yet closed invitation site_invitation invited_once",
    },
    ("audit_too", "v1"): {
        Outcome.FREE: "open not_started ended invited invited_late",
        Outcome.EMBARGOED: "embargo",
        Outcome.REFUSED: "not_yet closed invitation site_invitation invited_once full",
    },
    ("audit_too", "v2"): {
        Outcome.FREE: "open not_started ended invited invited_late",
        Outcome.EMBARGOED: "embargo",
        Outcome.REFUSED: "not_yet closed invitation site_invitation invited_once full",
    },
    ("audit_too", "baskets"): {
        Outcome.FREE: "open not_started ended invited invited_late",
        Outcome.CLOSED: "not_yet closed invitation site_invitation invited_once",
        Outcome.EMBARGOED: "embargo",
        Outcome.BROKEN: "full",
    },
    ("white_label", "checkout"): {
        Outcome.PAYS: "open not_started ended invited invited_late",
        Outcome.CLOSED: "not_yet closed invited_once",
        Outcome.FULL: "full",
        Outcome.INVITATION: "invitation site_invitation",
        Outcome.EMBARGOED: "embargo",
    },
    ("white_label", "again"): {
        Outcome.BACK_IN: "open not_started ended invited invited_late",
        Outcome.CLOSED: "not_yet closed invited_once",
        Outcome.FULL: "full",
        Outcome.INVITATION: "invitation site_invitation",
        Outcome.EMBARGOED: "embargo",
    },
    ("white_label", "button"): {
        Outcome.EMBARGOED: "embargo",
        Outcome.NOTHING: (
            "open not_started ended not_yet closed invitation site_invitation "
            "invited invited_late invited_once full"
        ),
    },
    ("white_label", "v1"): {
        Outcome.LET_IN: "invited invited_late",
        Outcome.MUST_PAY: (
            "open not_started ended not_yet closed invitation site_invitation invited_once full"
        ),
        Outcome.EMBARGOED: "embargo",
    },
    ("white_label", "v2"): {
        Outcome.LET_IN: "invited invited_late",
        Outcome.MUST_PAY: (
            "open not_started ended not_yet closed invitation site_invitation invited_once full"
        ),
        Outcome.EMBARGOED: "embargo",
    },
    ("white_label", "baskets"): {
        Outcome.LET_IN: "invited invited_late",
        Outcome.MUST_PAY: "open not_started ended full",
        Outcome.CLOSED: "not_yet closed invitation site_invitation invited_once",
        Outcome.EMBARGOED: "embargo",
    },
}


def read(row: Row) -> dict[str, Outcome]:
    """The outcome by the name of the course or state."""
    return {name: outcome for outcome, names in row.items() for name in names.split()}
