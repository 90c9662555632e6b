"""The demo's courses and people, by name: what seeds and tests refer to."""

from __future__ import annotations

import dataclasses
from datetime import timedelta
from typing import Any

from opaque_keys.edx.keys import CourseKey

PASSWORD = "demo"

OPERATOR = "operator"
COURSE_ADMIN = "course_admin"
BUYER = "buyer"
MANAGER = "manager"
LEARNER1 = "learner1"
LEARNER2 = "learner2"
LEARNER3 = "learner3"
STRANGER = "stranger"

PEOPLE = {
    OPERATOR: "Olive Hartley",
    COURSE_ADMIN: "Callum Reid",
    BUYER: "Bridget Okafor",
    MANAGER: "Maya Lindqvist",
    LEARNER1: "Amara Singh",
    LEARNER2: "Tomasz Nowak",
    LEARNER3: "Grace Whitfield",
    STRANGER: "Sam Pryce",
}

FREE_KEY = CourseKey.from_string("course-v1:Demo+FREE101+2026")
PAID_KEY = CourseKey.from_string("course-v1:Demo+SAFE201+2026")
MIXED_KEY = CourseKey.from_string("course-v1:Demo+DATA110+2026")
LAST_SEAT_KEY = CourseKey.from_string("course-v1:Demo+FIRST120+2026")
FULL_KEY = CourseKey.from_string("course-v1:Demo+COACH220+2026")
CLOSED_KEY = CourseKey.from_string("course-v1:Demo+GDPR130+2025")
INVITATION_KEY = CourseKey.from_string("course-v1:Demo+BOARD310+2026")
COHORTED_KEY = CourseKey.from_string("course-v1:Demo+LEAD240+2026")
WHITE_LABEL_KEY = CourseKey.from_string("course-v1:Demo+FIRE150+2026")
HEIGHT_KEY = CourseKey.from_string("course-v1:Demo+HEIGHT160+2026")
MENTAL_KEY = CourseKey.from_string("course-v1:Demo+MIND170+2026")
TOKENS_ONLY_KEY = CourseKey.from_string("course-v1:Demo+DUST180+2026")
UNPRICED_KEY = CourseKey.from_string("course-v1:Demo+CRANE190+2026")

GOLD, SILVER, BRONZE = "Gold", "Silver", "Bronze"
#: An account with tokens in every state, and one that has no Gold yet.
HOMES, CHARITY = "Northgate Homes", "Lantern Street Charity"

COHORT_NAMES = ("North team", "South team", "Evening team")

AUDIT = ("audit", "Audit", 0)


@dataclasses.dataclass(frozen=True)
class DemoCourse:
    """`opened`, `closed`, `starts`, `ends` are counted from now; `filled` is learners enrolled.

    `tokens` is what a seat costs, any one of them pays; `takes_codes`: Token Codes pay as well.
    """

    key: CourseKey
    title: str
    text: str
    modes: tuple[tuple[str, str, int], ...]
    effort: str
    starts: timedelta = timedelta(days=-14)
    ends: timedelta | None = timedelta(days=180)
    opened: timedelta = timedelta(days=-60)
    closed: timedelta | None = timedelta(days=150)
    self_paced: bool = True
    seats: int | None = None
    filled: int = 0
    invitation_only: bool = False
    cohorts: tuple[str, ...] = ()
    tokens: tuple[tuple[str, int], ...] = ()
    takes_codes: bool = True

    @property
    def paid_mode(self) -> str | None:
        return next((slug for slug, _, price in self.modes if price > 0), None)

    def overview_fields(self, now: Any) -> dict[str, Any]:
        return {
            "display_name": self.title,
            "short_description": self.text,
            "effort": self.effort,
            "start": now + self.starts,
            "end": now + self.ends if self.ends else None,
            "enrollment_start": now + self.opened,
            "enrollment_end": now + self.closed if self.closed else None,
            "self_paced": self.self_paced,
            "max_student_enrollments_allowed": self.seats,
            "invitation_only": self.invitation_only,
        }


COURSES = (
    DemoCourse(
        key=FREE_KEY,
        title="Working Well from Home",
        text="Set up a desk that does not hurt, plan a day that ends, and stay part of the team.",
        modes=(AUDIT,),
        effort="2 hours",
    ),
    DemoCourse(
        key=PAID_KEY,
        title="Manual Handling and Site Safety",
        text="Lift, carry and store without injury. Includes the assessment that construction "
        "sites ask for.",
        modes=(("professional", "Professional", 149),),
        effort="6 hours",
    ),
    DemoCourse(
        key=MIXED_KEY,
        title="Spreadsheets for Decisions",
        text="From a messy export to a chart that answers one question. Follow free of charge, "
        "or pay for the assessed certificate.",
        modes=(AUDIT, ("verified", "Verified", 49)),
        effort="4 hours a week for 3 weeks",
    ),
    DemoCourse(
        key=LAST_SEAT_KEY,
        title="Emergency First Aid at Work",
        text="One-day certificate course with an instructor online. Places are limited so that "
        "everybody practises.",
        modes=(("verified", "Verified", 95),),
        effort="1 day",
        self_paced=False,
        starts=timedelta(days=12),
        seats=4,
        filled=3,
    ),
    DemoCourse(
        key=FULL_KEY,
        title="Coaching Skills for Line Managers",
        text="Practise the conversations that people put off, in a small group with a coach.",
        modes=(("verified", "Verified", 220),),
        effort="3 hours a week for 4 weeks",
        self_paced=False,
        starts=timedelta(days=5),
        seats=3,
        filled=3,
    ),
    DemoCourse(
        key=CLOSED_KEY,
        title="Data Protection Essentials",
        text="What counts as personal data, when it may be shared, and what to do after a slip.",
        modes=(("verified", "Verified", 60),),
        effort="3 hours",
        starts=timedelta(days=-300),
        opened=timedelta(days=-330),
        closed=timedelta(days=-20),
        ends=timedelta(days=40),
    ),
    DemoCourse(
        key=INVITATION_KEY,
        title="Duties of a New Trustee",
        text="Law, money and good meetings for people who have just joined a board.",
        modes=(("verified", "Verified", 180),),
        effort="5 hours",
        invitation_only=True,
    ),
    DemoCourse(
        key=COHORTED_KEY,
        title="First Steps in Leadership",
        text="Six weeks with your own group: set direction, share out work, give honest feedback.",
        modes=(("professional", "Professional", 320),),
        effort="3 hours a week for 6 weeks",
        self_paced=False,
        cohorts=COHORT_NAMES,
    ),
    DemoCourse(
        key=WHITE_LABEL_KEY,
        title="Fire Warden Training",
        text="Know the signs, the extinguishers and the way out, and lead others along it.",
        modes=(("honor", "Honor", 75),),
        effort="90 minutes",
    ),
    DemoCourse(
        key=HEIGHT_KEY,
        title="Working at Height",
        text="Ladders, scaffolds and roofs: plan the job, check the gear, come down safely.",
        modes=(("professional", "Professional", 135),),
        effort="5 hours",
        tokens=((GOLD, 3),),
    ),
    DemoCourse(
        key=MENTAL_KEY,
        title="Mental Health First Aid",
        text="Notice when a colleague struggles, start the conversation, and know who can help.",
        modes=(("verified", "Verified", 90),),
        effort="2 days",
        tokens=((GOLD, 2), (SILVER, 5)),
    ),
    DemoCourse(
        key=TOKENS_ONLY_KEY,
        title="Dust and Asbestos Awareness",
        text="What may be in the wall, when to stop work, and whom to call. For members of "
        "accounts only.",
        modes=(("professional", "Professional", 40),),
        effort="2 hours",
        tokens=((SILVER, 2),),
        takes_codes=False,
    ),
    DemoCourse(
        key=UNPRICED_KEY,
        title="Crane and Hoist Supervision",
        text="Lift plans, signals and exclusion zones for those who answer for the lift.",
        modes=(("professional", "Professional", 315),),
        effort="3 days",
    ),
)

PAID_KEYS = tuple(course.key for course in COURSES if course.paid_mode is not None)
FILLER_NAMES = ("Nadia Rahman", "Owen Bright", "Lena Fischer")
