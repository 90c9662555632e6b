from django.contrib import admin

from .models import UserRetirementStatus


@admin.register(UserRetirementStatus)
class UserRetirementStatusAdmin(admin.ModelAdmin):
    list_display = ("user", "current_state")
    list_filter = ("current_state",)
    raw_id_fields = ("user",)
