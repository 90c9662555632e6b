"""The reads about webhooks, and the shapes that they give."""

from token_payments.webhooks.endpoints import (
    MAX_ENDPOINTS,
    OVERLAP,
    check_url,
    compute_endpoint_version,
    list_endpoints_of,
    list_event_types,
    list_owners,
)
from token_payments.webhooks.recording import TEST_TYPE, is_wanted
from token_payments.webhooks.signing import derive_secret
