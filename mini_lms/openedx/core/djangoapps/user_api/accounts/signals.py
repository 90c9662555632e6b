"""Sent while an account is being retired; apps remove what they know of the person."""

from django.dispatch import Signal

# email, new_email, user
USER_RETIRE_MAILINGS = Signal()

# user, retired_username, retired_email
USER_RETIRE_LMS_CRITICAL = Signal()

# user
USER_RETIRE_LMS_MISC = Signal()
