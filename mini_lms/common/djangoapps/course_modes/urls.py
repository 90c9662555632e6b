from django.conf import settings
from django.urls import re_path

from .views import ChooseModeView

urlpatterns = [
    re_path(
        rf"^choose/{settings.COURSE_ID_PATTERN}/$",
        ChooseModeView.as_view(),
        name="course_modes_choose",
    ),
]
