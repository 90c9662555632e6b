"""The LMS project. The Celery app is imported here so that `@shared_task` finds it."""

from .celery import APP as CELERY_APP

__all__ = ["CELERY_APP"]
