"""What a page of the portal tells of the step before it."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.test import SimpleTestCase
from django.utils.html import escape

QUIET = '<p class="tp-note" role="status">'
WARNING = '<p class="tp-note tp-note--warn" role="status">'
URGENT = '<p class="tp-note tp-note--warn" role="alert" tabindex="-1" data-tp-focus>'


def assert_told(
    case: SimpleTestCase, answer: HttpResponse, address: str, text: Any, *, how: str = QUIET
) -> HttpResponse:
    """The answer leads to a page that tells the text, once; loaded again, it doesn't."""
    case.assertRedirects(answer, address, fetch_redirect_response=False)
    page = case.client.get(address)
    case.assertEqual(page.context["notes"][-1].text, str(text))
    case.assertContains(page, f"{how}{escape(text)}</p>", count=1)
    case.assertEqual(case.client.get(address).context["notes"], [])
    return page
