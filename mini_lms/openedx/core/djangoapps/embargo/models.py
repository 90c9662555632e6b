"""Courses that may not be taken from some countries."""

from __future__ import annotations

from django.db import models
from django.urls import reverse
from django_countries.fields import CountryField
from opaque_keys.edx.django.models import CourseKeyField
from opaque_keys.edx.keys import CourseKey


class RestrictedCourse(models.Model):
    """A course with country rules; without rules it is open to all.

    .. no_pii:
    """

    course_key = CourseKeyField(max_length=255, db_index=True, unique=True)
    enroll_msg_key = models.CharField(max_length=255, default="default")

    def __str__(self) -> str:
        return str(self.course_key)

    @classmethod
    def message_url_path(cls, course_key: CourseKey, access_point: str) -> str:
        restricted = cls.objects.get(course_key=course_key)
        return reverse("embargo:blocked_message", args=[access_point, restricted.enroll_msg_key])


class CountryAccessRule(models.Model):
    """Any whitelist rule bars every country that is not listed; a blacklist rule bars its own.

    .. no_pii:
    """

    WHITELIST_RULE = "whitelist"
    BLACKLIST_RULE = "blacklist"
    RULE_TYPE_CHOICES = (
        (WHITELIST_RULE, "Whitelist (allow only these countries)"),
        (BLACKLIST_RULE, "Blacklist (block these countries)"),
    )

    rule_type = models.CharField(max_length=255, choices=RULE_TYPE_CHOICES, default=BLACKLIST_RULE)
    restricted_course = models.ForeignKey(RestrictedCourse, on_delete=models.CASCADE)
    country = CountryField()

    class Meta:
        unique_together = (("restricted_course", "country"),)

    def __str__(self) -> str:
        return f"{self.restricted_course}: {self.rule_type} {self.country}"

    @classmethod
    def check_country_access(cls, course_key: CourseKey, country: str) -> bool:
        """An unknown country ('') is let in by blacklists and kept out by whitelists."""
        rules = cls.objects.filter(restricted_course__course_key=course_key)
        listed = {(rule.rule_type, rule.country.code) for rule in rules}
        if (cls.BLACKLIST_RULE, country) in listed:
            return False
        has_whitelist = any(rule_type == cls.WHITELIST_RULE for rule_type, _ in listed)
        return not has_whitelist or (cls.WHITELIST_RULE, country) in listed
