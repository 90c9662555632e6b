"""Settings that every LMS starts from. Plugins add theirs at the end, through the COMMON hook."""

import os
from pathlib import Path

from edx_django_utils.plugins import add_plugins, get_plugin_apps

from lms.envs.databases import database_from_env
from openedx.core.djangoapps.plugins.constants import ProjectType, SettingsType

PROJECT_ROOT = Path(__file__).resolve().parents[1]
REPO_ROOT = PROJECT_ROOT.parent
VAR_DIR = Path(os.environ.get("MINI_LMS_VAR", REPO_ROOT / "var"))

# --- Identity -------------------------------------------------------------------------------
PLATFORM_NAME = "Mini LMS"
SITE_NAME = "localhost:8000"
LMS_BASE = "localhost:8000"
LMS_ROOT_URL = os.environ.get("MINI_LMS_ROOT_URL", "http://localhost:8000")
SITE_ID = 1
DEFAULT_FROM_EMAIL = "registration@example.com"
CONTACT_EMAIL = "info@example.com"

# --- Security: nothing here is usable in production; the YAML file or lms.envs.test supplies it.
SECRET_KEY = ""
DEBUG = False
ALLOWED_HOSTS: list[str] = []
EDX_API_KEY: str | None = None
SESSION_COOKIE_NAME = "sessionid"
CSRF_COOKIE_NAME = "csrftoken"
X_FRAME_OPTIONS = "DENY"

# --- Courses --------------------------------------------------------------------------------
COURSE_KEY_REGEX = r"[^/+]+(?:/|\+)[^/+]+(?:/|\+)[^/?]+"
COURSE_ID_PATTERN = rf"(?P<course_id>{COURSE_KEY_REGEX})"
COURSE_KEY_PATTERN = COURSE_ID_PATTERN.replace("course_id", "course_key_string")

COURSE_MODE_DEFAULTS = {
    "slug": "audit",
    "name": "Audit",
    "min_price": 0,
    "suggested_prices": "",
    "currency": "usd",
    "expiration_datetime": None,
    "description": None,
    "sku": None,
    "android_sku": None,
    "ios_sku": None,
    "bulk_sku": None,
}
COURSE_ENROLLMENT_MODES = {
    "audit": {"id": 1, "slug": "audit", "display_name": "Audit", "min_price": 0},
    "verified": {"id": 2, "slug": "verified", "display_name": "Verified", "min_price": 1},
    "professional": {
        "id": 3,
        "slug": "professional",
        "display_name": "Professional",
        "min_price": 1,
    },
    "no-id-professional": {
        "id": 4,
        "slug": "no-id-professional",
        "display_name": "No-Id-Professional",
        "min_price": 0,
    },
    "credit": {"id": 5, "slug": "credit", "display_name": "Credit", "min_price": 0},
    "honor": {"id": 6, "slug": "honor", "display_name": "Honor", "min_price": 0},
    "masters": {"id": 7, "slug": "masters", "display_name": "Master's", "min_price": 0},
}
PAID_COURSE_REGISTRATION_CURRENCY = ["gbp", "£"]

# --- Switches and ecommerce -----------------------------------------------------------------
FEATURES: dict[str, bool] = {}
EMBARGO = True
DISABLE_UNENROLLMENT = False
ECOMMERCE_PUBLIC_URL_ROOT = "http://localhost:8002"
ECOMMERCE_API_URL = ""
SQUELCH_PII_IN_LOGS = False

# --- Applications ---------------------------------------------------------------------------
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.sessions",
    "django.contrib.sites",
    "django.contrib.staticfiles",
    "django.contrib.admin",
    "config_models",
    "simple_history",
    "django_countries",
    "rest_framework",
    "waffle",
    "organizations",
    "openedx_events",
    "openedx_filters",
    "openedx.core.djangoapps.plugins.apps.PluginsConfig",
    "openedx.core.djangoapps.site_configuration",
    "openedx.core.djangoapps.content.course_overviews",
    "openedx.core.djangoapps.course_groups",
    "openedx.core.djangoapps.enrollments",
    "openedx.core.djangoapps.embargo",
    "openedx.core.djangoapps.ace_common",
    "openedx.core.djangoapps.user_api",
    "common.djangoapps.course_modes",
    "common.djangoapps.student",
    "common.djangoapps.util",
    "lms.djangoapps.branding",
    "lms.djangoapps.certificates",
    "lms.djangoapps.commerce.apps.CommerceConfig",
    "lms.djangoapps.courseware",
    "lms.djangoapps.instructor",
    "lms.djangoapps.verify_student",
    "lms.djangoapps.demo",
]

MIDDLEWARE = [
    "edx_django_utils.cache.middleware.RequestCacheMiddleware",
    "crum.CurrentRequestUserMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "lms.djangoapps.branding.middleware.CurrentSiteMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "waffle.middleware.WaffleMiddleware",
    "simple_history.middleware.HistoryRequestMiddleware",
]

AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.AllowAllUsersModelBackend",
    "openedx.core.djangoapps.enrollments.permissions.EnrollmentPermissionBackend",
]
LOGIN_URL = "/login"
LOGIN_REDIRECT_URL = "/dashboard"

ROOT_URLCONF = "lms.urls"
WSGI_APPLICATION = "lms.wsgi.application"
APPEND_SLASH = True

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [PROJECT_ROOT / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.template.context_processors.static",
                "django.template.context_processors.csrf",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "lms.djangoapps.branding.context_processors.platform",
            ],
        },
    },
]

MAKO_TEMPLATE_DIRS_BASE = [PROJECT_ROOT / "mako"]

# --- Storage --------------------------------------------------------------------------------
DATABASES = {"default": database_from_env(VAR_DIR)}
DEFAULT_AUTO_FIELD = "django.db.models.AutoField"
SIMPLE_HISTORY_DATE_INDEX = False
# Shared by all processes, as the LMS's memcached or Redis is.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.filebased.FileBasedCache",
        "LOCATION": str(VAR_DIR / "cache"),
        "OPTIONS": {"MAX_ENTRIES": 10_000},
    },
}
EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"

# --- Language and time ----------------------------------------------------------------------
USE_TZ = True
TIME_ZONE = "UTC"
USE_I18N = True
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("fr", "Français")]

# --- Static files ---------------------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static"
STATICFILES_DIRS = [PROJECT_ROOT / "static"]

# --- REST: JSON, and no throttle unless a view asks for one ---------------------------------
REST_FRAMEWORK = {
    "DEFAULT_RENDERER_CLASSES": ("rest_framework.renderers.JSONRenderer",),
    "DEFAULT_AUTHENTICATION_CLASSES": (
        "edx_rest_framework_extensions.auth.jwt.authentication.JwtAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ),
    "DEFAULT_PAGINATION_CLASS": "edx_rest_framework_extensions.paginators.DefaultPagination",
    "PAGE_SIZE": 10,
    "DEFAULT_THROTTLE_RATES": {
        "user": "60/minute",
        "service_user": "800/minute",
        "high_service_user": "2000/minute",
    },
}
# No issuer has a key, so no token is ever accepted until the YAML file supplies one.
JWT_AUTH = {
    "JWT_AUDIENCE": "lms-key",
    "JWT_ISSUER": LMS_ROOT_URL,
    "JWT_SECRET_KEY": "",
    "JWT_ISSUERS": [],
    "JWT_AUTH_COOKIE": "edx-jwt-cookie",
    "JWT_ALGORITHM": "HS256",
    "JWT_AUTH_HEADER_PREFIX": "JWT",
    "JWT_DECODE_HANDLER": "edx_rest_framework_extensions.auth.jwt.decoder.jwt_decode_handler",
    "JWT_PAYLOAD_GET_USERNAME_HANDLER": lambda payload: payload.get("preferred_username"),
    "JWT_LEEWAY": 1,
    "JWT_VERIFY_EXPIRATION": True,
}

# --- Celery: a broker in the file system needs no service, and still has a real worker -------
CELERY_BROKER_URL = os.environ.get("MINI_LMS_BROKER_URL", "filesystem://")
CELERY_BROKER_TRANSPORT_OPTIONS = (
    {
        "data_folder_in": str(VAR_DIR / "queue"),
        "data_folder_out": str(VAR_DIR / "queue"),
        "processed_folder": str(VAR_DIR / "queue-done"),
        "control_folder": str(VAR_DIR / "queue-control"),
        "store_processed": False,
    }
    if CELERY_BROKER_URL.startswith("filesystem:")
    else {}
)
CELERY_TASK_ALWAYS_EAGER = False
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERYBEAT_SCHEDULE: dict[str, dict[str, object]] = {}  # by the name that the LMS has for it
CELERY_BEAT_SCHEDULE_FILENAME = str(VAR_DIR / "celerybeat-schedule")

# --- Logging --------------------------------------------------------------------------------
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "standard": {"format": "%(asctime)s %(levelname)s %(process)d [%(name)s] %(message)s"},
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "standard"}},
    "root": {"handlers": ["console"], "level": "INFO"},
}

# --- Plugins --------------------------------------------------------------------------------
INSTALLED_APPS.extend(get_plugin_apps(ProjectType.LMS))
add_plugins(__name__, ProjectType.LMS, SettingsType.COMMON)
