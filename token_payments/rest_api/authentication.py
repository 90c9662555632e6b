"""Authentication by the LMS's JWTs (header or cookie) and its sessions, by nothing else."""

from __future__ import annotations

from edx_rest_framework_extensions.auth.jwt.authentication import JwtAuthentication
from edx_rest_framework_extensions.auth.session.authentication import (
    SessionAuthenticationAllowInactiveUser,
)
from edx_rest_framework_extensions.permissions import NotJwtRestrictedApplication
from rest_framework.permissions import IsAuthenticated

#: The first one tells how to sign in, and makes the answer to strangers 401.
AUTHENTICATION = (JwtAuthentication, SessionAuthenticationAllowInactiveUser)
#: JWTs of applications that the LMS restricts to scopes have none of ours.
SIGNED_IN = (IsAuthenticated, NotJwtRestrictedApplication)
