"""Connects the receivers that plugins declare, once every app is loaded."""

from django.apps import AppConfig
from django.conf import settings
from edx_django_utils.plugins import connect_plugin_receivers

from openedx.core.djangoapps.plugins.constants import ProjectType


class PluginsConfig(AppConfig):
    name = "openedx.core.djangoapps.plugins"

    def ready(self) -> None:
        is_lms = settings.ROOT_URLCONF == "lms.urls"
        connect_plugin_receivers(ProjectType.LMS if is_lms else ProjectType.CMS)
