"""Settings for pytest: no service, no worker, quick passwords."""

from edx_django_utils.plugins import add_plugins

from lms.envs.common import *
from openedx.core.djangoapps.plugins.constants import ProjectType, SettingsType

SECRET_KEY = "only for tests"
ALLOWED_HOSTS = ["*"]
EDX_API_KEY = "test-api-key"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
CELERY_BROKER_URL = "memory://"
CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, str] = {}
CELERY_TASK_ALWAYS_EAGER = True
CELERY_TASK_EAGER_PROPAGATES = True

add_plugins(__name__, ProjectType.LMS, SettingsType.TEST)
