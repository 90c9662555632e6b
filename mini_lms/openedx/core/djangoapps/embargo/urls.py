from django.urls import path

from .views import blocked_message

app_name = "embargo"
urlpatterns = [
    path(
        "blocked-message/<str:access_point>/<str:message_key>/",
        blocked_message,
        name="blocked_message",
    ),
]
