"""A mail server that does to each mail what the test wants: takes it, refuses it, hangs up."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from socketserver import StreamRequestHandler, ThreadingTCPServer
from threading import Thread
from typing import Any

from django.test import override_settings

TAKE = "250 taken"
LATER, NEVER = "451 try again later", "550 5.1.1 no such user"
BUSY = "421 too busy"
HANG_UP = ""

#: What may be decided: at the greeting, at the recipient, or when the whole mail is there.
Step = tuple[str, str]


@dataclass
class Mailbox:
    """``plan`` has what happens to the next connections; afterwards every mail is taken."""

    plan: list[Step] = field(default_factory=list)
    taken: list[Any] = field(default_factory=list)
    connections: int = 0

    def list_recipients(self) -> list[str]:
        return sorted(message["To"] for message in self.taken)


class Conversation(StreamRequestHandler):
    """One mail, or none."""

    def handle(self) -> None:
        mailbox: Mailbox = self.server.mailbox  # type: ignore[attr-defined]
        mailbox.connections += 1
        self.when, self.answer = mailbox.plan.pop(0) if mailbox.plan else ("", TAKE)
        if not self.decide("greeting", "220 ready"):
            return
        while line := self.rfile.readline():
            if not self.obey(line.split(b" ")[0].strip().upper(), mailbox):
                return

    def obey(self, command: bytes, mailbox: Mailbox) -> bool:
        """Whether the conversation goes on."""
        if command == b"DATA":
            self.say("354 go on")
            lines = list(iter(self.rfile.readline, b".\r\n"))
            if self.when != "data" or self.answer == HANG_UP:
                # one that hangs up now may well have kept the mail
                mailbox.taken.append(message_from_bytes(b"".join(lines), policy=policy.default))
            return self.decide("data", TAKE)
        if command == b"RCPT":
            return self.decide("recipient", "250 ok")
        self.say("221 bye" if command == b"QUIT" else "250 ok")
        return command != b"QUIT"

    def decide(self, when: str, else_say: str) -> bool:
        answer = self.answer if self.when == when else else_say
        if answer == HANG_UP:
            return False
        self.say(answer)
        return True

    def say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())


@contextmanager
def mail_server(*plan: Step) -> Iterator[Mailbox]:
    """Django's own SMTP backend talks to it until the block ends."""
    server = ThreadingTCPServer(("127.0.0.1", 0), Conversation)
    server.daemon_threads = True
    mailbox = Mailbox(list(plan))
    server.mailbox = mailbox  # type: ignore[attr-defined]
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        with use_server(server.server_address[1]):
            yield mailbox
    finally:
        server.shutdown()
        server.server_close()
        thread.join(timeout=10)


def use_server(port: int) -> Any:
    """Send mails to this port; where nobody listens the mail server is down."""
    backend = "django.core.mail.backends.smtp.EmailBackend"
    return override_settings(
        EMAIL_BACKEND=backend, EMAIL_HOST="127.0.0.1", EMAIL_PORT=port, EMAIL_TIMEOUT=10
    )


def times(number: int, step: Step) -> Sequence[Step]:
    return [step] * number
