from django.apps import AppConfig


class CommerceConfig(AppConfig):
    name = "lms.djangoapps.commerce"
    verbose_name = "Commerce"

    def ready(self) -> None:
        from . import signals  # noqa: F401
