"""JWTs as the LMS makes them for programs, signed with a key of the tests."""

from __future__ import annotations

import time
from typing import Any

import jwt
from django.conf import settings
from django.test import override_settings

KEY = "a key for tests, it protects nothing at all"
ISSUER = "http://localhost:8000/oauth2"


def trust_jwts() -> Any:
    """The settings with which the LMS takes ``make_jwt``'s."""
    issuer = {"ISSUER": ISSUER, "SECRET_KEY": KEY, "AUDIENCE": "lms-key"}
    ours = {"JWT_ISSUERS": [issuer], "JWT_ISSUER": ISSUER, "JWT_SECRET_KEY": KEY}
    return override_settings(JWT_AUTH={**settings.JWT_AUTH, **ours})


def make_jwt(username: str, **claims: Any) -> str:
    now = int(time.time())
    body = {
        "aud": "lms-key",
        "iss": ISSUER,
        "iat": now,
        "exp": now + 3600,
        "preferred_username": username,
        "scopes": ["read", "write"],
        "version": "1.2.0",
        "filters": [],
        "is_restricted": False,
        **claims,
    }
    return jwt.encode(body, KEY, algorithm="HS256")
