"""The catalogue."""

from __future__ import annotations

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from openedx.core.djangoapps.content.course_overviews.models import CourseOverview

from .cards import catalogue_cards


def courses(request: HttpRequest) -> HttpResponse:
    """Every course that shows in the catalogue, those that one can join first; `?q=` searches."""
    text = request.GET.get("q", "").strip()
    found = CourseOverview.get_all_courses(filter_={"visible_to_staff_only": False})
    found = found.filter(catalog_visibility="both").order_by("display_name")
    if text:
        found = found.filter(
            Q(display_name__icontains=text)
            | Q(short_description__icontains=text)
            | Q(org__icontains=text)
        )
    cards = sorted(catalogue_cards(found), key=lambda card: not card.is_open)
    return render(request, "courses.html", {"cards": cards, "text": text})
