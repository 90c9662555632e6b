"""Enrolling through the adapter: what the LMS is asked for, and what its refusals become."""

from datetime import timedelta
from unittest import mock

import pytest
from crum import set_current_request
from ddt import data, ddt, unpack
from django.db import transaction
from django.test import RequestFactory, TestCase
from django.utils import timezone
from openedx_events.learning.signals import COURSE_ENROLLMENT_CHANGED, COURSE_ENROLLMENT_CREATED

from common.djangoapps.course_modes.models import CourseMode
from common.djangoapps.student import models as student
from openedx.core.djangoapps.embargo.models import CountryAccessRule, RestrictedCourse
from tests import factories
from token_payments.errors import AlreadyEnrolled, HostRefused
from token_payments.hosts import host
from token_payments.hosts.base import HostRefusal

COURSE = "course-v1:Acme+Fire+2026"
YESTERDAY = timedelta(days=-1)
ENROLL = "common.djangoapps.student.models.CourseEnrollment.enroll"


class EnrolmentTestCase(TestCase):
    def setUp(self):
        self.host = host
        self.learner = factories.make_user("learner")
        self.course = factories.make_course(COURSE)
        self.addCleanup(set_current_request, None)

    def change_course(self, **fields):
        for name, value in fields.items():
            setattr(self.course, name, value)
        self.course.save()

    def expire(self, slug):
        mode = CourseMode.objects.get(course=self.course, mode_slug=slug)
        mode.expiration_datetime = timezone.now() + YESTERDAY
        mode.save()

    def embargo(self):
        """Bar France, from a request of the French learner."""
        restricted = RestrictedCourse.objects.create(course_key=self.course.id)
        CountryAccessRule.objects.create(
            restricted_course=restricted, country="FR", rule_type="blacklist"
        )
        self.learner.profile.country = "FR"
        self.learner.profile.save()
        request = RequestFactory().get("/")
        request.user = self.learner
        set_current_request(request)

    def enrol(self, mode="verified", reference="ref-1"):
        return self.host.enrol(self.learner, COURSE, mode=mode, reference=reference)

    def check(self, mode="verified"):
        return self.host.check_enrol(self.learner, COURSE, mode=mode)

    def attributes(self):
        row = student.CourseEnrollment.objects.get(user=self.learner)
        return {(a.namespace, a.name): a.value for a in row.attributes.all()}


class CheckEnrolTest(EnrolmentTestCase):
    def test_nothing_keeps_a_learner_out_of_an_open_course(self):
        assert self.check() is None

    def test_unknown_and_malformed_keys(self):
        for key in ("course-v1:Acme+Nothing+2026", "nonsense"):
            refusal = self.host.check_enrol(self.learner, key, mode="verified")
            assert refusal is HostRefusal.NOT_FOUND

    def test_a_mode_that_ended_or_never_was(self):
        self.expire("verified")
        assert self.check() is HostRefusal.MODE_GONE
        assert self.check(mode="professional") is HostRefusal.MODE_GONE

    def test_closed(self):
        self.change_course(enrollment_end=timezone.now() + YESTERDAY)
        assert self.check() is HostRefusal.CLOSED

    def test_full(self):
        self.change_course(max_student_enrollments_allowed=0)
        assert self.check() is HostRefusal.FULL

    def test_invitation_only_unless_invited(self):
        self.change_course(invitation_only=True)
        assert self.check() is HostRefusal.INVITATION_ONLY
        student.CourseEnrollmentAllowed.objects.create(
            email=self.learner.email, course_id=self.course.id
        )
        assert self.check() is None

    def test_embargoed(self):
        self.embargo()
        assert self.check() is HostRefusal.EMBARGOED

    def test_who_is_in_may_change_mode_though_the_course_is_closed_and_full(self):
        student.CourseEnrollment.enroll(self.learner, self.course.id, mode="audit")
        self.change_course(
            enrollment_end=timezone.now() + YESTERDAY, max_student_enrollments_allowed=1
        )
        assert self.check() is None
        self.expire("verified")
        assert self.check() is HostRefusal.MODE_GONE

    def test_who_left_is_treated_as_new(self):
        student.CourseEnrollment.enroll(self.learner, self.course.id, mode="audit")
        student.CourseEnrollment.unenroll(self.learner, self.course.id)
        self.change_course(max_student_enrollments_allowed=0)
        assert self.check() is HostRefusal.FULL


@ddt
class EnrolTest(EnrolmentTestCase):
    def test_enrols_in_the_mode_and_keeps_the_reference(self):
        enrolment = self.enrol()
        assert (enrolment.is_active, enrolment.mode) == (True, "verified")
        assert enrolment == self.host.get_enrolment(self.learner, COURSE)
        assert self.attributes() == {("token_payments", "redemption"): "ref-1"}

    def test_lifts_from_a_free_mode_though_the_course_is_closed_and_full(self):
        student.CourseEnrollment.enroll(self.learner, self.course.id, mode="audit")
        self.change_course(
            enrollment_end=timezone.now() + YESTERDAY, max_student_enrollments_allowed=1
        )
        assert self.enrol().mode == "verified"
        assert self.attributes() == {("token_payments", "redemption"): "ref-1"}

    def test_an_enrolment_that_was_left_in_another_mode_ends_in_the_mode(self):
        student.CourseEnrollment.enroll(self.learner, self.course.id, mode="audit")
        student.CourseEnrollment.unenroll(self.learner, self.course.id)
        enrolment = self.enrol()
        assert (enrolment.is_active, enrolment.mode) == (True, "verified")

    def test_tells_other_systems_of_the_mode_that_was_paid_for(self):
        events = []

        def note(signal, enrollment, **kwargs):
            events.append((signal.event_type.split(".")[-2], enrollment.mode))

        for signal in (COURSE_ENROLLMENT_CREATED, COURSE_ENROLLMENT_CHANGED):
            signal.connect(note)
            self.addCleanup(signal.disconnect, note)
        self.enrol()
        assert events[-1] == ("created", "verified")
        assert {mode for _, mode in events} == {"verified"}

    def test_attributes_of_others_stay_and_ours_names_the_last_payment(self):
        row = student.CourseEnrollment.enroll(self.learner, self.course.id, mode="audit")
        other = {"namespace": "credit", "name": "provider_id", "value": "asu"}
        student.CourseEnrollmentAttribute.add_enrollment_attr(row, [other])
        self.enrol(reference="ref-1")
        student.CourseEnrollment.unenroll(self.learner, self.course.id)
        self.enrol(reference="ref-2")
        assert self.attributes() == {
            ("credit", "provider_id"): "asu",
            ("token_payments", "redemption"): "ref-2",
        }

    def test_already_enrolled_in_the_mode(self):
        self.enrol()
        with pytest.raises(AlreadyEnrolled):
            self.enrol(reference="ref-2")
        assert self.attributes() == {("token_payments", "redemption"): "ref-1"}

    @data(
        ({"enrollment_end": YESTERDAY}, HostRefusal.CLOSED),
        ({"invitation_only": True}, HostRefusal.INVITATION_ONLY),
        ({"max_student_enrollments_allowed": 0}, HostRefusal.FULL),
    )
    @unpack
    def test_refusals_of_the_course(self, changes, expected):
        changes = {
            name: timezone.now() + value if isinstance(value, timedelta) else value
            for name, value in changes.items()
        }
        self.change_course(**changes)
        with pytest.raises(HostRefused) as refused:
            self.enrol()
        assert refused.value.reason == expected
        assert self.host.get_enrolment(self.learner, COURSE) is None

    @data(
        ("EnrollmentNotAllowed", HostRefusal.PREVENTED),
        ("NonExistentCourseError", HostRefusal.NOT_FOUND),
        ("EnrollmentClosedError", HostRefusal.CLOSED),
        ("CourseFullError", HostRefusal.FULL),
    )
    @unpack
    def test_errors_of_the_lms(self, name, expected):
        error = getattr(student, name)("the LMS says so")
        with mock.patch(ENROLL, side_effect=error), pytest.raises(HostRefused) as refused:
            self.enrol()
        assert (refused.value.reason, str(refused.value)) == (expected, "the LMS says so")

    def test_who_comes_back_gets_a_mode_that_has_ended_and_is_lifted_to_it(self):
        self.expire("verified")
        arguments = {"mode": "verified", "reference": "ref-1"}
        with pytest.raises(HostRefused):
            self.host.enrol(self.learner, COURSE, **arguments)
        assert self.host.enrol(self.learner, COURSE, **arguments, again=True).mode == "verified"
        student.CourseEnrollment.enroll(self.learner, self.course.id, mode="audit")
        assert self.host.enrol(self.learner, COURSE, **arguments, again=True).mode == "verified"

    def test_the_lms_says_already_enrolled(self):
        error = student.AlreadyEnrolledError()
        with mock.patch(ENROLL, side_effect=error), pytest.raises(AlreadyEnrolled):
            self.enrol()

    def test_checks_what_the_lms_does_not(self):
        """CourseEnrollment.enroll looks neither at the mode nor at the embargo."""
        with pytest.raises(HostRefused) as refused:
            self.enrol(mode="professional")
        assert refused.value.reason == HostRefusal.MODE_GONE
        self.embargo()
        with pytest.raises(HostRefused) as refused:
            self.enrol()
        assert refused.value.reason == HostRefusal.EMBARGOED
        assert self.host.get_enrolment(self.learner, COURSE) is None

    def test_unknown_course(self):
        with pytest.raises(HostRefused) as refused:
            self.host.enrol(self.learner, "nonsense", mode="verified", reference="r")
        assert refused.value.reason == HostRefusal.NOT_FOUND

    def test_an_attempt_that_was_rolled_back_does_not_stand_in_the_way(self):
        """The LMS remembers for the length of a request that the learner is enrolled."""
        with transaction.atomic():
            self.enrol()
            transaction.set_rollback(True)
        assert self.enrol().is_active


class ReadEnrolmentsTest(EnrolmentTestCase):
    def test_none_without_one_and_for_a_key_that_is_none(self):
        assert self.host.get_enrolment(self.learner, COURSE) is None
        assert self.host.get_enrolment(self.learner, "nonsense") is None

    def test_is_read_afresh(self):
        self.enrol()
        assert self.host.get_enrolment(self.learner, COURSE).is_active
        student.CourseEnrollment.objects.update(is_active=False, mode="audit")
        enrolment = self.host.get_enrolment(self.learner, COURSE)
        assert (enrolment.is_active, enrolment.mode) == (False, "audit")

    def test_many_pairs_in_one_query(self):
        other, key = factories.make_user("other"), "course-v1:Acme+Aid+2026"
        factories.make_course(key)
        self.host.enrol(self.learner, COURSE, mode="audit", reference="1")
        self.host.enrol(self.learner, key, mode="verified", reference="2")
        self.host.enrol(other, COURSE, mode="verified", reference="3")
        pairs = [
            (self.learner.pk, key),
            (other.pk, COURSE),
            (other.pk, key),
            (other.pk, "nonsense"),
        ]
        with self.assertNumQueries(1):
            found = self.host.list_enrolments(pairs)
        modes = {pair: enrolment.mode for pair, enrolment in found.items()}
        assert modes == {(self.learner.pk, key): "verified", (other.pk, COURSE): "verified"}

    def test_an_invitation_counts_for_who_can_use_it(self):
        assert not self.host.is_invited(self.learner, COURSE)
        invitation = student.CourseEnrollmentAllowed.objects.create(
            email=self.learner.email, course_id=self.course.id
        )
        assert self.host.is_invited(self.learner, COURSE)
        invitation.user = factories.make_user("other")
        invitation.save()
        assert not self.host.is_invited(self.learner, COURSE)
