"""What the platform keeps about a person beside Django's user."""

from typing import Any

from django.contrib.auth.models import User
from django.db import models
from django_countries.fields import CountryField


class UserProfile(models.Model):
    """One per user; enrolment events carry `name`, so enrolling a user without one fails.

    .. pii: full name and country
    .. pii_types: name, location
    .. pii_retirement: local_api
    """

    user = models.OneToOneField(
        User, unique=True, db_index=True, related_name="profile", on_delete=models.CASCADE
    )
    name = models.CharField(blank=True, max_length=255, db_index=True)
    country = CountryField(blank=True, null=True)

    class Meta:
        db_table = "auth_userprofile"

    def __str__(self) -> str:
        return self.name or self.user.username


class UserAttribute(models.Model):
    """A named value of a user; ``created_on_site`` is the domain of the site of registration.

    .. no_pii:
    """

    user = models.ForeignKey(User, related_name="attributes", on_delete=models.CASCADE)
    name = models.CharField(max_length=255, db_index=True)
    value = models.CharField(max_length=255)

    class Meta:
        unique_together = (("user", "name"),)

    def __str__(self) -> str:
        return f"[{self.user}] {self.name}: {self.value}"

    @classmethod
    def set_user_attribute(cls, user: Any, name: str, value: str) -> None:
        cls.objects.update_or_create(user=user, name=name, defaults={"value": value})


def get_user_by_username_or_email(username_or_email: str) -> Any:
    """An address if it has an @. Raises `User.DoesNotExist`."""
    field = "email" if "@" in username_or_email else "username"
    return User.objects.get(**{field: username_or_email})
