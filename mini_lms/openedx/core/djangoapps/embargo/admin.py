from django.contrib import admin

from .models import CountryAccessRule, RestrictedCourse


class CountryAccessRuleInline(admin.TabularInline):
    model = CountryAccessRule
    extra = 1


@admin.register(RestrictedCourse)
class RestrictedCourseAdmin(admin.ModelAdmin):
    inlines = (CountryAccessRuleInline,)
