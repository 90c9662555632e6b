"""How the LMS finds the plugin: the entry point group ``lms.djangoapp`` names this AppConfig."""

from __future__ import annotations

from typing import Any, ClassVar

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class TokenPaymentsConfig(AppConfig):
    name = "token_payments"
    verbose_name = _("Token payments")
    default_auto_field = "django.db.models.BigAutoField"

    plugin_app: ClassVar[dict[str, Any]] = {
        "url_config": {
            "lms.djangoapp": {
                "namespace": "token_payments",
                "regex": r"^token-payments/",
                "relative_path": "urls",
            }
        },
        "settings_config": {
            "lms.djangoapp": {
                "common": {"relative_path": "settings.common"},
                "production": {"relative_path": "settings.production"},
                "test": {"relative_path": "settings.test"},
            }
        },
        "signals_config": {
            "lms.djangoapp": {
                "relative_path": "lms.receivers",
                "receivers": [
                    {
                        "receiver_func_name": "on_unenrolment",
                        "signal_path": (
                            "openedx_events.learning.signals.COURSE_UNENROLLMENT_COMPLETED"
                        ),
                    }
                ],
            }
        },
    }

    def ready(self) -> None:
        # checks and tasks register themselves
        from token_payments import conf, tasks  # noqa: F401, PLC0415
        from token_payments.hosts import read_site_settings  # noqa: PLC0415
        from token_payments.lms import checks, receivers  # noqa: F401, PLC0415
        from token_payments.notifications.table import FOLLOWS  # noqa: PLC0415
        from token_payments.outbox import steps  # noqa: PLC0415

        conf.use_sites(read_site_settings)
        steps.follow(FOLLOWS)

        receivers.connect_retirement()
