"""Mail servers that hang up."""

from __future__ import annotations

from smtplib import SMTPServerDisconnected
from typing import Any

from django.core.mail.backends.locmem import EmailBackend


class BreaksWhileConnecting(EmailBackend):
    def open(self) -> None:
        raise SMTPServerDisconnected("too busy")


class BreaksWhileSending(EmailBackend):
    def send_messages(self, messages: Any) -> int:
        raise SMTPServerDisconnected("hung up")


class BreaksAtTheGoodbye(EmailBackend):
    def close(self) -> None:
        raise SMTPServerDisconnected("no goodbye")
