"""The Celery app: settings named CELERY_*, tasks from the `tasks` module of every installed app."""

import os
from pathlib import Path

from celery import Celery
from celery.signals import task_postrun

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lms.envs.demo")

APP = Celery("lms")
APP.config_from_object("django.conf:settings", namespace="CELERY")
APP.autodiscover_tasks()


@APP.on_after_configure.connect
def make_queue_folders(sender: Celery, **kwargs: object) -> None:
    """The file system transport needs its folders; brokers that are services need nothing."""
    options = sender.conf.broker_transport_options or {}
    for name in ("data_folder_in", "data_folder_out", "processed_folder", "control_folder"):
        if name in options:
            Path(options[name]).mkdir(parents=True, exist_ok=True)


@APP.on_after_configure.connect
def read_beat_schedule(sender: Celery, **kwargs: object) -> None:
    """The LMS reads its settings without a namespace, and so by Celery's older names."""
    from django.conf import settings

    sender.conf.beat_schedule = settings.CELERYBEAT_SCHEDULE


@task_postrun.connect
def clear_request_caches(**kwargs: object) -> None:
    """A worker has no requests, so what was cached per request ends with the task."""
    from edx_django_utils.cache import RequestCache

    RequestCache.clear_all_namespaces()
