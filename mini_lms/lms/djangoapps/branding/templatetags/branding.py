"""Small helpers of the mini LMS's own templates."""

import re

from django import template
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe

register = template.Library()

# A whole address, or a path that stands at the start of the text or after a space.
LINK = re.compile(r"(https?://[^\s<>\"']+|(?:(?<=\s)|^)/[A-Za-z0-9][^\s<>\"']*)")


@register.filter
def linkify(text: str) -> SafeString:
    """Escapes the text and makes links of the addresses in it."""
    parts = []
    for index, part in enumerate(LINK.split(str(text))):
        if index % 2 == 0:
            parts.append(conditional_escape(part))
            continue
        address = part.rstrip(".,;:!?)")
        parts.append(format_html('<a href="{0}">{0}</a>{1}', address, part[len(address) :]))
    return mark_safe("".join(parts))


@register.simple_tag(takes_context=True)
def current(context: dict, name: str) -> SafeString | str:
    """Marks the link to the page that is open."""
    match = getattr(context.get("request"), "resolver_match", None)
    if match is not None and match.view_name == name:
        return mark_safe('aria-current="page"')
    return ""


@register.filter
def full_name(user: object) -> str:
    profile = getattr(user, "profile", None)
    return getattr(profile, "name", "") or getattr(user, "username", "")
