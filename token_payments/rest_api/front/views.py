"""The address itself: who may ask, and how long an answer may be kept."""

from __future__ import annotations

import logging
from http import HTTPStatus
from typing import Any

from django.http import Http404
from django.utils.cache import patch_cache_control, patch_vary_headers
from django.utils.decorators import method_decorator
from django.views.decorators.http import conditional_page
from rest_framework.exceptions import NotFound
from rest_framework.permissions import AllowAny
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from token_payments import conf
from token_payments.checkout import queries as checkout_queries
from token_payments.errors import ConfigurationError, ItemNotFound
from token_payments.rest_api.authentication import AUTHENTICATION
from token_payments.rest_api.front.answers import describe_availability, write_refusal

#: How long anybody may keep what visitors who aren't signed in are told, in seconds.
PUBLIC_AGE = 60
#: What an answer depends on beside its address.
VARIES_BY = ("Accept-Language", "Authorization", "Cookie")

log = logging.getLogger(__name__)


@method_decorator(conditional_page, name="dispatch")
class ItemView(APIView):
    """``GET items/<course key>``: the course's availability to the one who asks, signed in or not.

    404 while the plugin is off, and for a course that the host doesn't have: such a course is the
    host's own button's. Answers have an ETag.
    """

    authentication_classes = AUTHENTICATION
    permission_classes = (AllowAny,)
    renderer_classes = (JSONRenderer,)
    http_method_names = ("get", "head")

    def get(self, request: Request, item_key: str) -> Response:
        if not conf.is_enabled() or not item_key.isprintable():
            raise Http404
        try:
            availability = checkout_queries.get_availability(user=request.user, item_key=item_key)
        except ItemNotFound as error:
            raise NotFound from error
        except ConfigurationError:
            log.exception("what can be done with a course can't be told")
            return Response({"refusal": write_refusal("configuration")}, status=503)
        answer = describe_availability(availability, is_signed_in=request.user.is_authenticated)
        return Response(answer)

    def finalize_response(
        self, request: Request, response: Response, *args: Any, **kwargs: Any
    ) -> Response:
        response = super().finalize_response(request, response, *args, **kwargs)
        patch_vary_headers(response, VARIES_BY)
        if response.status_code == HTTPStatus.OK and not request.user.is_authenticated:
            patch_cache_control(response, public=True, max_age=PUBLIC_AGE)
        else:
            patch_cache_control(response, private=True, max_age=0, must_revalidate=True)
        return response
