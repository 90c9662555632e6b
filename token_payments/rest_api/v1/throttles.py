"""The API's limits as DRF asks for them: throttle classes over the table in ``throttling``."""

from __future__ import annotations

from typing import Any, ClassVar

from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from token_payments import throttling
from token_payments.throttling import Limit


class LimitThrottle(BaseThrottle):
    """Counts each request; children name the ``limit``."""

    limit: ClassVar[Limit]

    def allow_request(self, request: Request, view: Any) -> bool:
        self.seconds = throttling.count(request, self.limit)
        return not self.seconds

    def wait(self) -> float:
        return float(self.seconds)


class CheckThrottle(LimitThrottle):
    limit = Limit.API_CHECKS


class RedemptionThrottle(LimitThrottle):
    limit = Limit.API_REDEMPTIONS


class JobThrottle(LimitThrottle):
    limit = Limit.API_JOBS
