from django.urls import path

from .accounts.views import AccountRetirementView, LMSAccountRetirementView

POST = {"post": "post"}

urlpatterns = [
    path("accounts/retire_misc/", LMSAccountRetirementView.as_view(POST)),
    path("accounts/retire/", AccountRetirementView.as_view(POST)),
]
