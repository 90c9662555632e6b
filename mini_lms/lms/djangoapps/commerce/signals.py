"""A learner who leaves a course may have an order to refund."""

from __future__ import annotations

import logging
from typing import Any

from django.dispatch import receiver

from common.djangoapps.student.models import CourseEnrollment
from common.djangoapps.student.signals import REFUND_ORDER
from openedx.core.djangoapps.commerce.utils import is_commerce_service_configured

from .utils import refund_seat

log = logging.getLogger(__name__)


@receiver(REFUND_ORDER)
def handle_refund_order(
    sender: Any, course_enrollment: CourseEnrollment | None = None, **kwargs: Any
) -> None:
    """Without an ecommerce service there is nothing to do."""
    if not is_commerce_service_configured():
        return
    if course_enrollment is None or not course_enrollment.refundable():
        return
    try:
        refund_seat(course_enrollment)
    except Exception:
        log.exception("No refund for enrolment %s", course_enrollment.id)
