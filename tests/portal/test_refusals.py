"""Every state in which somebody can't pay, at every step: said kindly, and nothing is lost."""

from __future__ import annotations

from datetime import timedelta

import ddt
from django.utils import timezone

from tests import factories
from tests.portal.base import COURSE, OTHER_COURSE, CheckoutTestCase, url
from token_payments.errors import HostRefused, TokenPaymentsError
from token_payments.hosts import host
from token_payments.hosts.base import HostRefusal
from token_payments.models import CatalogueItem, Redemption
from token_payments.presenters.refusals import Audience, describe_refusal, get_texts

DAY = timedelta(days=1)


def close() -> None:
    factories.change_course(COURSE, enrollment_end=timezone.now() - DAY)


def fill() -> None:
    factories.change_course(COURSE, max_student_enrollments_allowed=0)


def take_seats() -> None:
    CatalogueItem.objects.update(seats=0)


def invite_only() -> None:
    factories.change_course(COURSE, invitation_only=True)


def embargo() -> None:
    from openedx.core.djangoapps.embargo.models import CountryAccessRule, RestrictedCourse

    restricted = RestrictedCourse.objects.create(course_key=factories.key(COURSE))
    CountryAccessRule.objects.create(
        rule_type="whitelist", restricted_course=restricted, country="NZ"
    )


def end_mode() -> None:
    from common.djangoapps.course_modes.models import CourseMode

    CourseMode.objects.filter(mode_slug="verified").update(
        _expiration_datetime=timezone.now() - DAY
    )


def switch_off() -> None:
    factories.allow_paid(enabled=False)


def make_free() -> None:
    CatalogueItem.objects.update(enrolment_method="free")


def enrol() -> None:
    learner = Redemption._meta.get_field("learner").related_model.objects.get(username="learner")
    host.enrol(learner, COURSE, mode="verified", reference="staff did it")


STATES = (
    (close, 409, "Enrolment is closed"),
    (fill, 409, "This course is full"),
    (take_seats, 409, "No seats left"),
    (invite_only, 403, "By invitation only"),
    (embargo, 403, "Not available in your country"),
    (end_mode, 409, "Not for sale here"),
    (switch_off, 409, "Payments are switched off"),
    (make_free, 409, "Not for sale here"),
    (enrol, 409, "You are already enrolled"),
)


@ddt.ddt
class StateTests(CheckoutTestCase):
    @ddt.data(*STATES)
    @ddt.unpack
    def test_told_when_the_page_is_opened(self, change, status, title):
        change()
        self.assert_refused(self.client.get(url("checkout")), status, title)

    @ddt.data(*STATES)
    @ddt.unpack
    def test_told_at_next(self, change, status, title):
        change()
        self.assert_refused(self.enter(self.codes[0]), status, title)
        self.assert_untouched()

    @ddt.data(*STATES)
    @ddt.unpack
    def test_told_at_review(self, change, status, title):
        self.enter(self.codes[0])
        change()
        self.assert_refused(self.review(), status, title)
        self.assert_untouched()

    @ddt.data(*STATES)
    @ddt.unpack
    def test_told_at_finish_and_the_choice_is_kept(self, change, status, title):
        if change is fill:
            title = "No seats left"  # there the seats are counted under the item's lock
        self.enter(self.codes[0])
        nonce = self.get_nonce()
        change()
        response = self.finish(nonce)
        self.assertEqual(response.status_code, status)
        self.assertContains(response, title, status_code=status)
        self.assert_untouched()
        self.assertIn(COURSE, self.client.session["token_payments_checkout"])

    def test_goes_on_where_it_stopped_once_the_course_opens(self):
        self.enter(self.codes[0])
        nonce = self.get_nonce()
        close()
        self.finish(nonce)
        factories.change_course(COURSE, enrollment_end=None)
        self.assertContains(self.finish(nonce, follow=True), "You are enrolled")

    def test_already_enrolled_links_to_the_course(self):
        enrol()
        response = self.client.get(url("checkout"))
        self.assertContains(response, f"/courses/{COURSE}/course/", status_code=409)

    def test_full_course_is_told_to_visitors_too(self):
        fill()
        self.client.logout()
        self.assert_refused(self.client.get(url("checkout")), 409, "No seats left")

    def test_method_that_the_item_takes_no_more(self):
        self.enter(self.codes[0])
        self.item.payment_methods.update(method="wallet")
        self.assert_refused(self.review(), 409, "Choose another way to pay")

    def test_item_without_any_method_of_the_registry(self):
        self.item.payment_methods.update(method="retired")
        self.assert_refused(self.client.get(url("checkout")), 409, "Not for sale here")

    def test_course_that_is_no_catalogue_item(self):
        factories.make_course(OTHER_COURSE)
        self.assert_refused(
            self.client.get(url("checkout", OTHER_COURSE)), 409, "Not for sale here"
        )

    @ddt.data(
        "course-v1:No+Such+Course",
        "no key at all",
        "%00",
        "course-v1:Acme+Fire%00+2026",
        "%F0%9F%94%91",
        "%0A",
        "%FF",
        "..%3B",
        "'%20OR%201=1--",
        "x" * 3000,
    )
    def test_unknown_and_odd_addresses_are_404(self, text):
        for page in ("", "review/", "finish/"):
            response = self.client.get(f"/token-payments/checkout/{text}/{page}", follow=True)
            self.assertEqual(response.status_code, 404, page)

    @ddt.data(*HostRefusal)
    def test_every_refusal_of_the_host_has_a_text(self, refusal):
        error = HostRefused(refusal, "detail of another plugin")
        message = describe_refusal(error, audience=Audience.LEARNER)
        self.assertTrue(str(message.title))
        self.assertNotIn("detail", str(message.sentence))

    def test_reason_that_is_not_in_the_table_gets_the_neutral_text(self):
        prevented = get_texts(HostRefused, Audience.LEARNER, reason="prevented")
        self.assertEqual(get_texts(TokenPaymentsError, Audience.LEARNER), prevented)


class EnrolAgainTests(CheckoutTestCase):
    def setUp(self):
        super().setUp()
        from common.djangoapps.student.models import CourseEnrollment

        self.redemption = self.pay(self.codes[0])
        CourseEnrollment.unenroll(self.learner, factories.key(COURSE))

    def test_offered_instead_of_a_second_payment(self):
        response = self.enter(self.codes[1])
        self.assert_refused(response, 409, "You have already paid")
        self.assertContains(response, "Enrol again at no cost", status_code=409)

    def test_enrols_without_a_payment(self):
        response = self.client.post(url("enrol_again"))
        self.assertRedirects(response, f"/token-payments/receipt/{self.redemption.uuid}/")
        self.assertTrue(host.get_enrolment(self.learner, COURSE).is_active)
        self.assertEqual(Redemption.objects.count(), 1)

    def test_sent_twice_tells_of_the_enrolment(self):
        self.client.post(url("enrol_again"))
        self.assert_refused(self.client.post(url("enrol_again")), 409, "You are already enrolled")

    def test_who_has_not_paid_is_sent_to_payment(self):
        self.client.force_login(factories.make_user("stranger"))
        self.assertRedirects(self.client.post(url("enrol_again")), url("checkout"))

    def test_get_changes_nothing(self):
        self.client.get(url("enrol_again"))
        self.assertFalse(host.get_enrolment(self.learner, COURSE).is_active)

    def test_receipt_offers_it_as_well(self):
        response = self.client.get(f"/token-payments/receipt/{self.redemption.uuid}/")
        self.assertContains(response, "You are not enrolled at the moment")
        self.assertContains(response, url("enrol_again"))
