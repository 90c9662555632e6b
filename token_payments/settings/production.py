"""Production: the LMS calls this after its YAML, which may have replaced what common.py set."""

from token_payments.settings.common import plugin_settings

__all__ = ["plugin_settings"]
