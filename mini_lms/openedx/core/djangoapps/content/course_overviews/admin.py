from django.contrib import admin

from .models import CourseOverview


@admin.register(CourseOverview)
class CourseOverviewAdmin(admin.ModelAdmin):
    list_display = (
        "id",
        "display_name",
        "enrollment_start",
        "enrollment_end",
        "invitation_only",
        "max_student_enrollments_allowed",
    )
    list_filter = ("org", "invitation_only")
    search_fields = ("id", "display_name")
