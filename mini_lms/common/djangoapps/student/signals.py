"""The platform's older signals, all sent with `sender=None`."""

from django.dispatch import Signal

# event, user, course_id, mode, cost, currency
ENROLL_STATUS_CHANGE = Signal()

# course_enrollment, skip_refund: on every deactivation
UNENROLL_DONE = Signal()

# course_enrollment: a learner unenrolled through change_enrollment
REFUND_ORDER = Signal()

# user, course_key, mode, countdown
ENROLLMENT_TRACK_UPDATED = Signal()
