"""The LMS's addresses. Those of plugins come last, so that they cannot hide any of ours."""

from django.conf import settings
from django.contrib import admin
from django.contrib.auth.views import LoginView, LogoutView
from django.contrib.staticfiles.views import serve
from django.urls import include, path, re_path
from django.views.generic import RedirectView
from edx_django_utils.plugins import get_plugin_url_patterns

from common.djangoapps.student.views.dashboard import student_dashboard
from common.djangoapps.student.views.management import change_enrollment
from lms.djangoapps.branding.views import courses
from lms.djangoapps.courseware.views.views import course_about, course_home
from lms.djangoapps.demo.views import enrol, unenrol
from lms.djangoapps.instructor.views.api_v2 import CourseMetadataView
from lms.djangoapps.instructor.views.instructor_dashboard import instructor_dashboard_2
from openedx.core.djangoapps.plugins.constants import ProjectType

COURSE_ID = settings.COURSE_ID_PATTERN

urlpatterns = [
    path("", courses, name="root"),
    path("courses", courses, name="courses"),
    path("courses/", RedirectView.as_view(pattern_name="courses", query_string=True)),
    path("dashboard", student_dashboard, name="dashboard"),
    path("change_enrollment", change_enrollment, name="change_enrollment"),
    path(
        "login",
        LoginView.as_view(template_name="login.html", redirect_authenticated_user=True),
        name="signin_user",
    ),
    path("logout", LogoutView.as_view(next_page="/"), name="logout"),
    re_path(rf"^courses/{COURSE_ID}/about/?$", course_about, name="about_course"),
    re_path(rf"^courses/{COURSE_ID}/course/$", course_home, name="course_root"),
    re_path(
        rf"^courses/{COURSE_ID}/instructor$", instructor_dashboard_2, name="instructor_dashboard"
    ),
    re_path(rf"^api/instructor/v2/courses/{COURSE_ID}$", CourseMetadataView.as_view()),
    re_path(rf"^courses/{COURSE_ID}/enrol$", enrol, name="enrol"),
    re_path(rf"^courses/{COURSE_ID}/unenrol$", unenrol, name="unenrol"),
    path("course_modes/", include("common.djangoapps.course_modes.urls")),
    path("verify_student/", include("lms.djangoapps.verify_student.urls")),
    path("embargo/", include("openedx.core.djangoapps.embargo.urls")),
    path("api/enrollment/v1/", include("openedx.core.djangoapps.enrollments.urls")),
    path("api/enrollment/v2/", include("openedx.core.djangoapps.enrollments.v2.urls")),
    path("api/commerce/v0/", include("lms.djangoapps.commerce.api.v0.urls")),
    path("api/user/v1/", include("openedx.core.djangoapps.user_api.urls")),
    path("i18n/", include("django.conf.urls.i18n")),
    path("admin/", admin.site.urls),
    # The demo has no web server in front of it.
    re_path(r"^static/(?P<path>.*)$", serve, {"insecure": True}),
]

urlpatterns.extend(get_plugin_url_patterns(ProjectType.LMS))
