from django.contrib import admin

from .models import CourseMode


@admin.register(CourseMode)
class CourseModeAdmin(admin.ModelAdmin):
    list_display = ("course_id", "mode_slug", "mode_display_name", "min_price", "currency", "sku")
    list_filter = ("mode_slug",)
    raw_id_fields = ("course",)
    search_fields = ("course__id", "mode_slug")
