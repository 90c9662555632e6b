from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.core.management import call_command
from django.db.models import QuerySet
from django.http import HttpRequest

from .models import (
    CourseAccessRole,
    CourseEnrollment,
    CourseEnrollmentAllowed,
    CourseEnrollmentAttribute,
    ManualEnrollmentAudit,
    UserProfile,
)


class UserProfileInline(admin.StackedInline):
    model = UserProfile
    can_delete = False


class CourseEnrollmentAttributeInline(admin.TabularInline):
    model = CourseEnrollmentAttribute
    extra = 0


admin.site.unregister(User)


@admin.register(User)
class LmsUserAdmin(UserAdmin):
    """Retiring is not upstream: there operators run scripts for it."""

    inlines = (UserProfileInline,)
    actions = ("retire",)

    @admin.action(description="Retire the account now (as the retirement scripts do)")
    def retire(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        if not request.user.is_superuser:
            raise PermissionDenied
        for user in queryset:
            if user == request.user or user.is_superuser:
                self.message_user(request, f"{user} is a superuser and stays.", messages.WARNING)
                continue
            call_command("retire_user", username=user.username, user_email=user.email, now=True)
            self.message_user(request, f"User {user.pk} is retired.")


@admin.register(CourseEnrollment)
class CourseEnrollmentAdmin(admin.ModelAdmin):
    """Saving here runs neither the filter nor the events, as upstream."""

    list_display = ("id", "course_id", "mode", "user", "is_active", "created")
    list_filter = ("mode", "is_active")
    raw_id_fields = ("user", "course")
    search_fields = ("course__id", "mode", "user__username")
    inlines = (CourseEnrollmentAttributeInline,)


@admin.register(CourseEnrollmentAllowed)
class CourseEnrollmentAllowedAdmin(admin.ModelAdmin):
    list_display = ("email", "course_id", "auto_enroll", "user")
    raw_id_fields = ("user",)
    search_fields = ("email", "course_id")


@admin.register(CourseAccessRole)
class CourseAccessRoleAdmin(admin.ModelAdmin):
    list_display = ("user", "org", "course_id", "role")
    list_filter = ("role",)
    raw_id_fields = ("user",)


@admin.register(ManualEnrollmentAudit)
class ManualEnrollmentAuditAdmin(admin.ModelAdmin):
    list_display = ("enrolled_email", "state_transition", "enrolled_by", "time_stamp")
    raw_id_fields = ("enrollment", "enrolled_by")
