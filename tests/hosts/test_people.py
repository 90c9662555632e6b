"""Who is who: managers of a course, who acts in a request, mails and addresses, groups."""

import pytest
from crum import set_current_request
from ddt import data, ddt
from django.contrib.auth.models import AnonymousUser
from django.contrib.sites.models import Site
from django.core import mail
from django.test import RequestFactory, TestCase, override_settings
from edx_django_utils.cache import RequestCache
from openedx_filters import PipelineStep
from openedx_filters.learning.filters import CohortAssignmentRequested

from common.djangoapps.student import roles
from openedx.core.djangoapps.course_groups.models import CourseCohortsSettings
from openedx.core.djangoapps.site_configuration.models import SiteConfiguration
from tests import factories
from token_payments.hosts import host
from token_payments.hosts.base import Actor, Attachment, Mail, Placement

COURSE, OTHER = "course-v1:Acme+Fire+2026", "course-v1:Acme+Aid+2026"


@ddt
class MayManageTest(TestCase):
    def setUp(self):
        self.host, self.user = host, factories.make_user("somebody")

    @data(
        "CourseSalesAdminRole",
        "CourseFinanceAdminRole",
        "CourseStaffRole",
        "CourseInstructorRole",
    )
    def test_a_role_in_the_course_counts_there_only(self, role):
        getattr(roles, role)(factories.key(COURSE)).add_users(self.user)
        assert self.host.may_manage(self.user, COURSE)
        assert not self.host.may_manage(self.user, OTHER)

    def test_staff_of_the_organisation_counts_in_its_courses(self):
        roles.OrgStaffRole("Acme").add_users(self.user)
        assert self.host.may_manage(self.user, COURSE)
        assert not self.host.may_manage(self.user, "course-v1:Beta+Fire+2026")

    @data("is_staff", "is_superuser")
    def test_staff_of_the_platform_counts_everywhere(self, flag):
        setattr(self.user, flag, True)
        assert self.host.may_manage(self.user, COURSE)
        self.user.is_active = False
        assert not self.host.may_manage(self.user, COURSE)

    def test_nobody_else(self):
        roles.CourseDataResearcherRole(factories.key(COURSE)).add_users(self.user)
        for user in (self.user, AnonymousUser()):
            assert not self.host.may_manage(user, COURSE)
            assert not self.host.may_manage(user, "nonsense")


class GetActorTest(TestCase):
    def setUp(self):
        self.learner = factories.make_user("learner")
        self.addCleanup(set_current_request, None)

    def ask(self, user=None, **headers):
        request = RequestFactory().post("/", headers=headers)
        if user is not None:
            request.user = user
        set_current_request(request)
        return host.get_actor(self.learner, COURSE)

    def test_no_request_is_the_system(self):
        assert host.get_actor(self.learner, COURSE) is Actor.SYSTEM

    def test_learners_act_for_themselves_whatever_they_are(self):
        assert self.ask(self.learner) is Actor.SELF_SERVICE
        self.learner.is_staff = True
        assert self.ask(self.learner) is Actor.SELF_SERVICE

    def test_staff_of_the_course_and_of_the_platform_act_for_others(self):
        teacher = factories.make_user("teacher")
        assert self.ask(teacher) is Actor.SELF_SERVICE
        roles.CourseStaffRole(factories.key(COURSE)).add_users(teacher)
        assert self.ask(teacher) is Actor.STAFF
        assert self.ask(factories.make_user("staff", is_staff=True)) is Actor.STAFF

    def test_strangers_and_nobody_count_as_the_learner(self):
        assert self.ask(factories.make_user("stranger")) is Actor.SELF_SERVICE
        assert self.ask(AnonymousUser()) is Actor.SELF_SERVICE
        assert self.ask() is Actor.SELF_SERVICE

    def test_the_api_key_is_a_service(self):
        with override_settings(EDX_API_KEY="secret"):
            assert self.ask(**{"X-Edx-Api-Key": "secret"}) is Actor.SERVICE
            assert self.ask(self.learner, **{"X-Edx-Api-Key": "secret"}) is Actor.SERVICE
            assert self.ask(**{"X-Edx-Api-Key": "Secret"}) is Actor.SELF_SERVICE
            assert self.ask(**{"X-Edx-Api-Key": ""}) is Actor.SELF_SERVICE

    def test_without_a_key_in_the_settings_none_counts(self):
        for unset in (None, ""):
            with override_settings(EDX_API_KEY=unset):
                assert self.ask(**{"X-Edx-Api-Key": ""}) is Actor.SELF_SERVICE
                assert self.ask(**{"X-Edx-Api-Key": "None"}) is Actor.SELF_SERVICE


class MailTest(TestCase):
    def setUp(self):
        self.host, self.user = host, factories.make_user("buyer", name="Bea Buyer")

    def configure_site(self, **values):
        """And a request for that site."""
        site = Site.objects.get_current()
        SiteConfiguration.objects.create(site=site, enabled=True, site_values=values)
        RequestCache.clear_all_namespaces()
        request = RequestFactory().get("/")
        request.site = site
        set_current_request(request)
        self.addCleanup(set_current_request, None)

    def test_sends_text_html_and_attachments(self):
        attachment = Attachment("codes.csv", b"a,b\n", "text/csv")
        self.host.send(self.user, Mail("Your tokens", "Hello", "<p>Hello</p>", [attachment]))
        [message] = mail.outbox
        assert (message.subject, message.body) == ("Your tokens", "Hello")
        assert (message.to, message.from_email) == (
            ["buyer@example.com"],
            "registration@example.com",
        )
        assert message.alternatives == [("<p>Hello</p>", "text/html")]
        assert [tuple(a) for a in message.attachments] == [("codes.csv", "a,b\n", "text/csv")]

    def test_comes_from_the_address_of_the_site(self):
        self.configure_site(email_from_address="training@acme.example")
        self.host.send(self.user, Mail("Your tokens", "Hello"))
        assert mail.outbox[0].from_email == "training@acme.example"
        assert mail.outbox[0].alternatives == []

    def test_is_not_lost_silently_for_want_of_an_address(self):
        self.user.email = ""
        with pytest.raises(ValueError, match="no e-mail address"):
            self.host.send(self.user, Mail("Your tokens", "Hello"))

    def test_addresses_of_the_lms_or_of_the_site(self):
        assert self.host.absolute_url("/token-payments/") == "http://localhost:8000/token-payments/"
        self.configure_site(LMS_ROOT_URL="https://acme.example")
        assert self.host.absolute_url("/token-payments/") == "https://acme.example/token-payments/"

    def test_full_name_or_else_the_user_name(self):
        assert self.host.get_full_name(self.user) == "Bea Buyer"
        self.user.profile.name = ""
        assert self.host.get_full_name(self.user) == "buyer"
        assert self.host.get_full_name(type(self.user)(username="no_profile")) == "no_profile"


class RefuseCohorts(PipelineStep):
    def run_filter(self, **kwargs):
        raise CohortAssignmentRequested.PreventCohortAssignment("No.")


class GroupsTest(TestCase):
    def setUp(self):
        self.host, self.learner = host, factories.make_user("learner")
        factories.make_course(COURSE)

    def place(self, group):
        return self.host.place_in_group(self.learner, COURSE, group)

    def test_placed_then_already_then_moved(self):
        for name in ("Red", "Blue"):
            factories.make_group(COURSE, name)
        assert self.host.list_groups(COURSE) == ["Blue", "Red"]
        assert self.place("Red") is Placement.PLACED
        assert self.place("Red") is Placement.ALREADY
        assert self.place("Blue") is Placement.MOVED
        assert factories.group_of(self.learner, COURSE) == "Blue"

    def test_missing_group_and_course(self):
        factories.make_group(COURSE, "Red")
        assert self.place("Green") is Placement.MISSING
        for key in (OTHER, "nonsense"):
            assert self.host.place_in_group(self.learner, key, "Red") is Placement.MISSING
            assert self.host.list_groups(key) == []

    def test_groups_count_only_while_the_course_uses_them(self):
        factories.make_group(COURSE, "Red")
        CourseCohortsSettings.objects.update(is_cohorted=False)
        assert self.host.list_groups(COURSE) == []
        assert self.place("Red") is Placement.MISSING

    def test_another_plugin_refuses(self):
        factories.make_group(COURSE, "Red")
        config = {
            "org.openedx.learning.cohort.assignment.requested.v1": {
                "pipeline": [f"{__name__}.RefuseCohorts"],
                "fail_silently": False,
            }
        }
        with override_settings(OPEN_EDX_FILTERS_CONFIG=config):
            assert self.place("Red") is Placement.REFUSED
        assert factories.group_of(self.learner, COURSE) is None
