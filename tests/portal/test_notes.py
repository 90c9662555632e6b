"""What is told on the next page: once, and beside what the host tells."""

from __future__ import annotations

import json

import ddt
from django.contrib.messages import constants
from django.contrib.messages.storage.base import Message
from django.contrib.messages.storage.cookie import MessageEncoder
from django.contrib.messages.storage.session import SessionStorage
from django.http import HttpResponse
from django.test import override_settings
from django.urls import reverse

from tests.portal.tokens.base import TokensCase
from tests.portal.told import assert_told
from token_payments.portal.tokens.members import DONE

#: The LMS keeps messages in the session; Django's own first choice is a cookie.
STORAGES = (
    "django.contrib.messages.storage.session.SessionStorage",
    "django.contrib.messages.storage.fallback.FallbackStorage",
)
FOREIGN = "You have activated your account."


@ddt.ddt
class NotesTest(TokensCase):
    def add(self, who: str = "stranger") -> HttpResponse:
        return self.post(self.manager, "members", {"who": who, "role": "member"})

    @ddt.data(*STORAGES)
    def test_is_told_once_wherever_messages_are_kept(self, storage: str) -> None:
        with override_settings(MESSAGE_STORAGE=storage):
            page = assert_told(self, self.add(), self.url("members"), DONE["added"])
        self.assertContains(page, "<title>Members")

    def test_is_told_on_whatever_page_of_ours_comes_next(self) -> None:
        self.add()
        page = self.client.get(reverse("token_payments:tokens"))
        self.assertContains(page, DONE["added"], count=1)
        self.assertNotContains(self.client.get(self.url("members")), DONE["added"])

    def test_the_hosts_frame_has_nothing_to_draw_once_more(self) -> None:
        self.add()
        self.assertEqual(list(self.client.get(self.url("members")).context["messages"]), [])

    @override_settings(MESSAGE_STORAGE=STORAGES[0])
    def test_what_the_host_tells_waits_for_a_page_of_its_own(self) -> None:
        self.client.force_login(self.manager)
        session = self.client.session
        waiting = [Message(constants.SUCCESS, FOREIGN, extra_tags="account-activation aa-icon")]
        session[SessionStorage.session_key] = json.dumps(waiting, cls=MessageEncoder)
        session.save()
        for _ in range(2):
            self.assertNotContains(self.client.get(self.url("members")), "activated")
        page = self.client.get("/dashboard")
        self.assertContains(page, "You have activated your account.", count=1)
