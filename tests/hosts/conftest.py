"""Each test begins as a request does: nothing is remembered of the one before."""

import pytest
from django.core.cache import cache
from edx_django_utils.cache import RequestCache


@pytest.fixture(autouse=True)
def forget_caches():
    cache.clear()
    RequestCache.clear_all_namespaces()
