from django.contrib import admin

from .models import CohortMembership, CourseCohort, CourseCohortsSettings, CourseUserGroup


class CourseCohortInline(admin.StackedInline):
    model = CourseCohort


@admin.register(CourseUserGroup)
class CourseUserGroupAdmin(admin.ModelAdmin):
    list_display = ("name", "course_id", "group_type")
    exclude = ("users",)
    inlines = (CourseCohortInline,)


@admin.register(CohortMembership)
class CohortMembershipAdmin(admin.ModelAdmin):
    list_display = ("user", "course_user_group", "course_id")
    raw_id_fields = ("user", "course_user_group")


@admin.register(CourseCohortsSettings)
class CourseCohortsSettingsAdmin(admin.ModelAdmin):
    list_display = ("course_id", "is_cohorted")
