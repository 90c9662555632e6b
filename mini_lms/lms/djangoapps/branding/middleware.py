"""Whose site a request is for: by its host name, as on a platform with several; else SITE_ID."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib.sites.models import Site
from django.http import HttpRequest, HttpResponse


class CurrentSiteMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.site = self._find(request.get_host())
        return self.get_response(request)

    @staticmethod
    def _find(host: str) -> Site:
        """Sites are kept in Django's cache of them, as the platform keeps them."""
        if host == Site.objects.get_current().domain:
            return Site.objects.get_current()
        found = Site.objects.filter(domain__iexact=host).first()
        return found or Site.objects.get_current()
