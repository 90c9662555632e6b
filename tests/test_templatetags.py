"""The template library: numbers, money and days in the reader's language and the site's zone."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import ddt
from django.conf import settings
from django.template import Context, Template
from django.test import SimpleTestCase, override_settings
from django.utils.translation import override

LONDON = {**settings.TOKEN_PAYMENTS, "TIME_ZONE": "Europe/London"}
MIDNIGHT = datetime(2026, 6, 30, 23, tzinfo=UTC)  # of London, in summer time


@ddt.ddt
@override_settings(TOKEN_PAYMENTS=LONDON)
class FilterTests(SimpleTestCase):
    def render(self, expression: str, **context: object) -> str:
        template = Template("{% load token_payments %}" + expression)
        return template.render(Context(context))

    @ddt.data(
        ("{{ value|number }}", 500_000, "500,000"),
        ("{{ value|number }}", 0, "0"),
        ("{{ value|number }}", None, ""),
        ("{{ value|money:'GBP' }}", Decimal("149"), "£149.00"),
        ("{{ value|money:'GBP' }}", None, "–"),
        ("{{ value|day }}", MIDNIGHT, "July 1, 2026"),
        ("{{ value|day }}", None, ""),
        ("{{ value|last_day }}", MIDNIGHT, "June 30, 2026"),
        ("{{ value|last_day }}", None, ""),
        ("{{ value|last_day_in_zone }}", MIDNIGHT, "June 30, 2026 (Europe/London)"),
        ("{{ value|last_day_in_zone }}", None, ""),
        ("{{ value|full_name }}", None, ""),
        ("{% time_zone %}", None, "Europe/London"),
    )
    @ddt.unpack
    def test_writes(self, expression, value, text):
        self.assertEqual(self.render(expression, value=value), text)

    def test_in_the_readers_language(self):
        with override("fr"):
            self.assertEqual(self.render("{{ value|last_day }}", value=MIDNIGHT), "30 juin 2026")
