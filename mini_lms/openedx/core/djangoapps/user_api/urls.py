from django.urls import path

from .accounts.views import (
    AccountRetireMailingsView,
    AccountRetirementView,
    LMSAccountRetirementView,
)

urlpatterns = [
    path("accounts/retire_mailings/", AccountRetireMailingsView.as_view()),
    path("accounts/retire_misc/", LMSAccountRetirementView.as_view()),
    path("accounts/retire/", AccountRetirementView.as_view()),
]
