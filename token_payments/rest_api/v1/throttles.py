"""How often what may be guessed, or costs much, can be asked for: by user and by address."""

from __future__ import annotations

from typing import Any, ClassVar

from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from token_payments import conf
from token_payments.attempts import measure_wait


class RateThrottle(BaseThrottle):
    """Counts in the cache, like the checkout; ``get_rates`` has those of a user and an address."""

    group: ClassVar[str]

    def get_rates(self) -> tuple[str, str]:
        raise NotImplementedError

    def allow_request(self, request: Request, view: Any) -> bool:
        self.seconds = measure_wait(request, self.group, self.get_rates())
        return not self.seconds

    def wait(self) -> float:
        return float(self.seconds)


class CheckThrottle(RateThrottle):
    group = "token_payments.api.checks"

    def get_rates(self) -> tuple[str, str]:
        return conf.api_checks()


class RedemptionThrottle(RateThrottle):
    group = "token_payments.api.redemptions"

    def get_rates(self) -> tuple[str, str]:
        return conf.api_redemptions()


class JobThrottle(RateThrottle):
    group = "token_payments.api.jobs"

    def get_rates(self) -> tuple[str, str]:
        return conf.api_jobs()
