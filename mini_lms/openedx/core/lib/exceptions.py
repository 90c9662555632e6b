"""Exceptions shared by the platform's Python APIs."""

from django.core.exceptions import ObjectDoesNotExist


class CourseNotFoundError(ObjectDoesNotExist):
    """No course has this key."""
