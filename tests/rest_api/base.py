"""A client of the API: JSON in and out, a new Idempotency-Key for each request that changes."""

from __future__ import annotations

import json
import uuid
from typing import Any

from django.contrib.auth.models import Permission
from django.test import Client

ROOT = "/token-payments/api/v1"
SAFE = ("GET", "HEAD", "OPTIONS")


class ApiClient:
    """Signed in as ``user``; answers have ``json``."""

    def __init__(self, user: Any = None, *, client: Client | None = None) -> None:
        self.client = client or Client()
        if user is not None:
            self.client.force_login(user)

    def send(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        key: str | None = None,
        version: str | None = None,
        headers: dict[str, str] | None = None,
        **query: Any,
    ) -> Any:
        """``path`` is below ROOT, or whole; ``key`` "" sends none."""
        sent = dict(headers or {})
        if method not in SAFE and key != "":
            sent["Idempotency-Key"] = key or uuid.uuid4().hex
        if version is not None:
            sent["If-Match"] = version
        address = path if path.startswith("http") else f"{ROOT}{path}"
        if method in SAFE:
            return self.client.generic(method, address, headers=sent, query_params=query or None)
        data = "" if body is None else json.dumps(body)
        return self.client.generic(
            method, address, data, content_type="application/json", headers=sent
        )

    def get(self, path: str, **query: Any) -> Any:
        return self.send("GET", path, **query)

    def post(self, path: str, body: Any = None, **more: Any) -> Any:
        return self.send("POST", path, body, **more)

    def patch(self, path: str, body: Any = None, **more: Any) -> Any:
        return self.send("PATCH", path, body, **more)

    def delete(self, path: str, **more: Any) -> Any:
        return self.send("DELETE", path, **more)


def permit(user: Any, *names: str) -> Any:
    """Give a user permissions on the plugin's models, such as view_account."""
    found = Permission.objects.filter(content_type__app_label="token_payments", codename__in=names)
    assert len(found) == len(names), names
    user.user_permissions.add(*found)
    return type(user).objects.get(pk=user.pk)
