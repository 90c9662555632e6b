from django.conf import settings
from django.urls import path, re_path

from .views import start_flow

urlpatterns = [
    path("start/", start_flow, name="verify_student_start"),
    re_path(
        rf"^start-flow/{settings.COURSE_ID_PATTERN}/$",
        start_flow,
        name="verify_student_start_flow",
    ),
]
