"""What a button on a course's page is told, for every state that a course can be in."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any
from unittest import mock

import ddt
from django.conf import settings
from django.db import connection
from django.test import TestCase, override_settings
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from edx_rest_framework_extensions.auth.jwt.tests.utils import generate_jwt

from common.djangoapps.student.models import CourseEnrollment, CourseEnrollmentAllowed
from tests import factories
from token_payments.models import EnrolmentSettings

COURSE = "course-v1:Acme+Fire+2026"
OTHER = "course-v1:Acme+Water+2026"
PAGE = f"http://localhost:8000/token-payments/checkout/{COURSE}/"
JWT_AUTH = {
    **settings.JWT_AUTH,
    "JWT_ISSUERS": [
        {
            "ISSUER": "lms",
            "SECRET_KEY": "a key for tests that is long enough",
            "AUDIENCE": "lms-key",
        }
    ],
    "JWT_ISSUER": "lms",
    "JWT_SECRET_KEY": "a key for tests that is long enough",
}


def url(item_key: str = COURSE) -> str:
    return f"/token-payments/api/front/v1/items/{item_key}"


class ItemTestCase(TestCase):
    @classmethod
    def setUpTestData(cls) -> None:
        cls.gold, cls.silver = factories.make_type("Gold"), factories.make_type("Silver")
        cls.item = factories.make_shop(
            COURSE, methods=["token_code", "wallet"], token_prices={cls.silver: 1200, cls.gold: 7}
        )
        cls.learner = factories.make_user("learner")

    def setUp(self) -> None:
        self.client.force_login(self.learner)

    def read(self, item_key: str = COURSE, **headers: str) -> dict[str, Any]:
        response = self.client.get(url(item_key), headers=headers)
        self.assertEqual(response.status_code, 200, response.content)
        return json.loads(response.content)

    def assert_state(self, state: str, refusal: str | None = None, item_key: str = COURSE) -> None:
        found = self.read(item_key)
        code = found["refusal"] and found["refusal"]["code"]
        self.assertEqual((found["state"], code), (state, refusal))

    def pay(self, learner: Any) -> Any:
        order = factories.make_processed_order(self.item, buyer=learner, quantity=1)
        return factories.redeem(learner, self.item, factories.list_codes(order)[0])


class PayableTest(ItemTestCase):
    def test_all_that_a_button_needs(self) -> None:
        self.assertEqual(
            self.read(),
            {
                "item_key": COURSE,
                "title": "Fire Safety",
                "state": "payable",
                "refusal": None,
                "prices": {
                    "money": {"amount": "149.00", "currency": "GBP", "text": "£149.00"},
                    "tokens": [
                        {"type": "Gold", "amount": 7, "text": "7 Gold"},
                        {"type": "Silver", "amount": 1200, "text": "1,200 Silver"},
                    ],
                },
                "methods": [
                    {"slug": "token_code", "name": "Token Code"},
                    {"slug": "wallet", "name": "Training tokens"},
                ],
                "checkout_url": PAGE,
                "login_url": None,
                "course_url": f"http://localhost:8000/courses/{COURSE}/course/",
                "free_url": f"http://localhost:8000/course_modes/choose/{COURSE}/",
            },
        )

    def test_every_address_leads_somewhere(self) -> None:
        found = self.read()
        for name in ("checkout_url", "course_url", "free_url"):
            path = found[name].removeprefix("http://localhost:8000")
            self.assertIn(self.client.get(path).status_code, (200, 302), name)

    def test_texts_are_in_the_readers_language(self) -> None:
        found = self.read(**{"Accept-Language": "fr"})
        self.assertEqual(found["prices"]["money"]["text"], "149,00\xa0£GB")
        self.assertEqual(found["prices"]["money"]["amount"], "149.00")

    def test_an_item_priced_in_tokens_alone_has_no_price_in_money(self) -> None:
        self.item.payment_methods.filter(method="token_code").delete()
        found = self.read()
        self.assertIsNone(found["prices"]["money"])
        self.assertEqual([method["slug"] for method in found["methods"]], ["wallet"])

    def test_an_odd_price_isnt_rounded(self) -> None:
        self.item.price, self.item.currency = "0.125", "GBP"
        self.item.save()
        self.assertEqual(self.read()["prices"]["money"]["amount"], "0.125")

    def test_who_is_in_a_free_mode_can_pay_for_more(self) -> None:
        CourseEnrollment.enroll(self.learner, factories.key(COURSE), mode="audit")
        self.assert_state("payable")

    def test_who_paid_and_left_enrols_again_at_checkout(self) -> None:
        self.pay(self.learner)
        CourseEnrollment.unenroll(self.learner, factories.key(COURSE))
        self.assert_state("payable", "already_paid")
        self.assertContains(self.client.get(PAGE), "Enrol again", status_code=409)


@ddt.ddt
class StateTest(ItemTestCase):
    """Each state, for somebody who is signed in and for somebody who isn't."""

    def test_signed_out(self) -> None:
        self.client.logout()
        found = self.read()
        self.assertEqual(found["state"], "signed_out")
        expected = f"http://localhost:8000/login?next=/token-payments/checkout/{COURSE}/"
        self.assertEqual(found["login_url"].replace("%3A", ":").replace("%2B", "+"), expected)
        self.assertEqual(self.client.get(found["login_url"]).status_code, 200)
        self.assertEqual(found["checkout_url"], PAGE)
        self.assertEqual(len(found["prices"]["tokens"]), 2)

    def test_enrolled(self) -> None:
        self.pay(self.learner)
        self.assert_state("enrolled")

    def test_enrolled_in_what_isnt_sold(self) -> None:
        factories.make_course(OTHER)
        CourseEnrollment.enroll(self.learner, factories.key(OTHER), mode="audit")
        self.assert_state("enrolled", item_key=OTHER)

    @ddt.data(True, False)
    def test_closed(self, signed_in: bool) -> None:
        factories.change_course(COURSE, enrollment_end=timezone.now() - timedelta(days=1))
        self.visit(signed_in)
        self.assert_state("closed", "closed")

    @ddt.data(True, False)
    def test_invitation_only(self, signed_in: bool) -> None:
        factories.change_course(COURSE, invitation_only=True)
        self.visit(signed_in)
        self.assert_state("invitation_only", "invitation_only")
        self.assertEqual(bool(self.read()["login_url"]), not signed_in)

    def test_who_is_invited_can_pay(self) -> None:
        factories.change_course(COURSE, invitation_only=True)
        CourseEnrollmentAllowed.objects.create(
            email=self.learner.email, course_id=factories.key(COURSE)
        )
        self.assert_state("payable")

    @ddt.data(True, False)
    def test_full_by_the_host(self, signed_in: bool) -> None:
        factories.change_course(COURSE, max_student_enrollments_allowed=1)
        CourseEnrollment.enroll(factories.make_user("other"), factories.key(COURSE), mode="audit")
        self.visit(signed_in)
        self.assert_state("full", "full")

    @ddt.data(True, False)
    def test_full_by_the_items_seats(self, signed_in: bool) -> None:
        self.item.seats = 1
        self.item.save()
        self.visit(signed_in)
        self.assert_state("payable" if signed_in else "signed_out")
        self.pay(factories.make_user("other"))
        self.assert_state("full", "no_seats")

    @ddt.data(True, False)
    def test_free(self, signed_in: bool) -> None:
        """What isn't sold for tokens, and costs nothing, is left to the host's own button."""
        factories.make_course(OTHER)
        self.visit(signed_in)
        self.assert_state("free", item_key=OTHER)
        self.assertIsNone(self.read(OTHER)["checkout_url"])

    @ddt.data(True, False)
    def test_not_offered(self, signed_in: bool) -> None:
        factories.make_course(OTHER, modes={"professional": 149})
        self.visit(signed_in)
        self.assert_state("not_offered", "not_offered", item_key=OTHER)

    def test_payments_off(self) -> None:
        EnrolmentSettings.objects.create(enabled=False, override_allowed=True)
        self.assert_state("free")
        factories.make_course(OTHER, modes={"professional": 149})
        factories.make_item(OTHER)
        self.assert_state("not_offered", "payments_off", item_key=OTHER)

    @override_settings(
        TOKEN_PAYMENTS={**settings.TOKEN_PAYMENTS, "PAYMENT_METHODS": []},
    )
    def test_no_payment_method_is_registered(self) -> None:
        self.assert_state("free")

    @override_settings(
        TOKEN_PAYMENTS={**settings.TOKEN_PAYMENTS, "PAYMENT_METHODS": ["no.such.Method"]},
    )
    def test_wrong_settings(self) -> None:
        with self.assertLogs("token_payments", "ERROR"):
            response = self.client.get(url())
        self.assertEqual(response.status_code, 503)
        self.assertEqual(response.json()["refusal"]["code"], "configuration")

    def test_embargoed(self) -> None:
        path = "openedx.core.djangoapps.embargo.api.redirect_if_blocked"
        with mock.patch(path, return_value="/embargo/") as asked:
            self.assert_state("not_offered", "embargoed")
            self.client.logout()
            asked.reset_mock()
            self.assert_state("signed_out")
        asked.assert_not_called()  # what anybody may keep can't depend on one visitor's country

    @ddt.data("course-v1:Acme+Nothing+2026", "nonsense", "COURSE-V1:Acme+Fire+2026", "a%00b")
    def test_no_such_course(self, item_key: str) -> None:
        response = self.client.get(url(item_key))
        self.assertEqual(response.status_code, 404)
        self.assertEqual(response["Cache-Control"], "private, max-age=0, must-revalidate")

    @override_settings(TOKEN_PAYMENTS_ENABLED=False)
    def test_switched_off(self) -> None:
        self.assertEqual(self.client.get(url()).status_code, 404)

    def visit(self, signed_in: bool) -> None:
        if not signed_in:
            self.client.logout()


class CacheTest(ItemTestCase):
    def test_what_is_somebodys_is_kept_by_their_browser_alone(self) -> None:
        response = self.client.get(url())
        self.assertEqual(response["Cache-Control"], "private, max-age=0, must-revalidate")
        self.assert_varies(response)

    def test_what_visitors_get_may_be_kept_by_anybody_for_a_minute(self) -> None:
        self.client.logout()
        response = self.client.get(url())
        self.assertEqual(response["Cache-Control"], "public, max-age=60")
        self.assertNotIn("Set-Cookie", response)
        self.assertEqual(response.cookies, {})
        self.assert_varies(response)

    def test_an_unchanged_answer_isnt_sent_twice(self) -> None:
        tag = self.client.get(url())["ETag"]
        again = self.client.get(url(), headers={"If-None-Match": tag})
        self.assertEqual((again.status_code, again.content), (304, b""))
        self.assertEqual(again["ETag"], tag)
        self.assert_varies(again)

    def test_a_changed_answer_is(self) -> None:
        tag = self.client.get(url())["ETag"]
        self.pay(self.learner)
        again = self.client.get(url(), headers={"If-None-Match": tag})
        self.assertEqual((again.status_code, again.json()["state"]), (200, "enrolled"))

    def assert_varies(self, response: Any) -> None:
        varies = {name.strip() for name in response["Vary"].split(",")}
        self.assertLessEqual({"Accept-Language", "Authorization", "Cookie"}, varies)


class QueriesTest(ItemTestCase):
    """Two statements of our own, whatever the item has; the host's are counted apart."""

    def count(self) -> tuple[int, int]:
        self.client.get(url())  # the site's switches are cached for a minute
        with CaptureQueriesContext(
            connection,
        ) as captured:
            self.assertEqual(self.client.get(url()).status_code, 200)
        statements = [query["sql"] for query in captured]
        ours = [sql for sql in statements if "token_payments_" in sql]
        return len(ours), len(statements)

    def test_for_somebody_who_is_signed_in(self) -> None:
        self.item.seats = 5
        self.item.save()
        self.pay(factories.make_user("other"))
        ours, all_of_them = self.count()
        self.assertEqual(ours, 2)
        self.assertLessEqual(all_of_them, 16)

    def test_for_somebody_who_isnt(self) -> None:
        self.client.logout()
        ours, all_of_them = self.count()
        self.assertEqual(ours, 2)
        self.assertLessEqual(all_of_them, 9)


@override_settings(JWT_AUTH=JWT_AUTH)
class TokensOfFrontEndsTest(ItemTestCase):
    """Front ends sign in with the LMS's JWT."""

    def setUp(self) -> None:
        self.client.logout()

    def test_a_jwt_says_who_asks(self) -> None:
        self.pay(self.learner)
        jwt = generate_jwt(self.learner)
        self.assertEqual(self.read(Authorization=f"JWT {jwt}")["state"], "enrolled")

    def test_a_wrong_one_is_refused(self) -> None:
        response = self.client.get(url(), headers={"Authorization": "JWT nonsense"})
        self.assertEqual(response.status_code, 401)
        self.assertIn("private", response["Cache-Control"])
