from django.urls import path

from .views import EnrollmentListView

urlpatterns = [path("enrollment", EnrollmentListView.as_view(), name="courseenrollments")]
