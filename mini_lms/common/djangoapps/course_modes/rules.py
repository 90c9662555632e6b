"""What follows from a course's modes: the slugs, and the rules of auto-enrolment and paywalls."""

from __future__ import annotations

from typing import Any, ClassVar

from opaque_keys.edx.keys import CourseKey


class ModeRules:
    """Questions about sets of modes; `CourseMode` answers them from its table."""

    HONOR = "honor"
    PROFESSIONAL = "professional"
    VERIFIED = "verified"
    AUDIT = "audit"
    NO_ID_PROFESSIONAL_MODE = "no-id-professional"
    CREDIT_MODE = "credit"
    MASTERS = "masters"

    AUDIT_MODES: ClassVar[list[str]] = [AUDIT, HONOR]
    VERIFIED_MODES: ClassVar[list[str]] = [VERIFIED, PROFESSIONAL, MASTERS]
    CREDIT_MODES: ClassVar[list[str]] = [CREDIT_MODE]

    @classmethod
    def is_professional_slug(cls, slug: str | None) -> bool:
        return slug in (cls.PROFESSIONAL, cls.NO_ID_PROFESSIONAL_MODE)

    @classmethod
    def has_verified_mode(cls, course_mode_dict: dict[str, Any]) -> bool:
        return any(slug in course_mode_dict for slug in cls.VERIFIED_MODES)

    @classmethod
    def has_professional_mode(cls, modes_dict: dict[str, Any]) -> bool:
        return cls.PROFESSIONAL in modes_dict or cls.NO_ID_PROFESSIONAL_MODE in modes_dict

    @classmethod
    def has_payment_options(cls, course_id: CourseKey) -> bool:
        modes = cls.modes_for_course(course_id)
        return any(mode.min_price > 0 or mode.suggested_prices != "" for mode in modes)

    @classmethod
    def can_auto_enroll(
        cls, course_id: CourseKey, modes_dict: dict[str, Any] | None = None
    ) -> bool:
        """Not behind a paywall: no professional mode, not white-label, and a free mode exists."""
        if modes_dict is None:
            modes_dict = cls.modes_for_course_dict(course_id)
        if cls.has_professional_mode(modes_dict):
            return False
        if cls.is_white_label(course_id, modes_dict=modes_dict):
            return False
        return cls.AUDIT in modes_dict or cls.HONOR in modes_dict

    @classmethod
    def auto_enroll_mode(
        cls, course_id: CourseKey, modes_dict: dict[str, Any] | None = None
    ) -> str | None:
        if modes_dict is None:
            modes_dict = cls.modes_for_course_dict(course_id)
        return next((slug for slug in (cls.HONOR, cls.AUDIT) if slug in modes_dict), None)

    @classmethod
    def is_white_label(cls, course_id: CourseKey, modes_dict: dict[str, Any] | None = None) -> bool:
        """Only the mode 'honor', and it has a price: the convention for a paid course."""
        if modes_dict is None:
            modes_dict = cls.modes_for_course_dict(course_id)
        if list(modes_dict) != [cls.HONOR]:
            return False
        honor = modes_dict[cls.HONOR]
        return honor.min_price > 0 or honor.suggested_prices != ""
