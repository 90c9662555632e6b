"""The measured LMS: the benchmarks' database, the adapter that ships, a broker at no cost."""

from benchmarks.server.keys import AUDIENCE, ISSUER, KEY
from benchmarks.settings import *

DATABASES["default"]["NAME"] = DATABASES["default"]["TEST"]["NAME"]
DATABASES["default"]["ATOMIC_REQUESTS"] = True  # as in the LMS
DATABASES["default"]["CONN_MAX_AGE"] = None

ROOT_URLCONF = "benchmarks.server.urls"
ALLOWED_HOSTS = ["127.0.0.1"]
CELERY_TASK_ALWAYS_EAGER = False  # mails are another process's work

JWT_AUTH = {
    **JWT_AUTH,
    "JWT_ISSUER": ISSUER,
    "JWT_SECRET_KEY": KEY,
    "JWT_ISSUERS": [{"ISSUER": ISSUER, "SECRET_KEY": KEY, "AUDIENCE": AUDIENCE}],
}

_NO_LIMIT = "1000000/s"  # counted all the same
TOKEN_PAYMENTS = {
    **TOKEN_PAYMENTS,
    "HOST": "token_payments.hosts.edxapp.EdxappHost",
    "API_REDEMPTIONS_PER_USER": _NO_LIMIT,
    "API_REDEMPTIONS_PER_ADDRESS": _NO_LIMIT,
}
