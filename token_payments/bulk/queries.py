"""The reads about bulk jobs, and the shapes that they give."""

from token_payments.bulk.models import MAX_ENTERED, MAX_ROWS
from token_payments.bulk.previews import RedeemPreview, RowVerdict, preview_redeeming
from token_payments.bulk.progress import (
    Progress,
    count_reasons,
    iterate_rows,
    list_jobs_of,
    list_stalled,
    may_manage_job,
    measure_job,
    measure_jobs,
)
