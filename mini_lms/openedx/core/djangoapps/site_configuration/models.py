"""Values that differ from site to site."""

from typing import Any

from django.contrib.sites.models import Site
from django.db import models


class SiteConfiguration(models.Model):
    """.. no_pii:"""

    site = models.OneToOneField(Site, related_name="configuration", on_delete=models.CASCADE)
    enabled = models.BooleanField(default=False)
    site_values = models.JSONField(default=dict, blank=True)

    def __str__(self) -> str:
        return f"Configuration of {self.site}"

    def get_value(self, name: str, default: Any = None) -> Any:
        """The default while it isn't enabled."""
        return self.site_values.get(name, default) if self.enabled else default
