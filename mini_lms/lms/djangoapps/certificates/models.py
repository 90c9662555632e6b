"""Certificates, as far as other parts ask about them."""

from django.contrib.auth.models import User
from django.db import models
from opaque_keys.edx.django.models import CourseKeyField

NOT_REFUNDABLE_STATUSES = {"downloadable", "generating", "notpassing_downloadable"}


class GeneratedCertificate(models.Model):
    """.. no_pii:"""

    user = models.ForeignKey(User, on_delete=models.CASCADE)
    course_id = CourseKeyField(max_length=255, blank=True, default=None)
    mode = models.CharField(max_length=32, default="honor")
    status = models.CharField(max_length=32, default="unavailable")
    created_date = models.DateTimeField(auto_now_add=True)

    class Meta:
        unique_together = (("user", "course_id"),)

    def __str__(self) -> str:
        return f"{self.user}: {self.course_id} ({self.status})"

    @property
    def is_refundable(self) -> bool:
        return self.status not in NOT_REFUNDABLE_STATUSES
