"""The writes about bulk jobs, each from the file of its feature."""

from token_payments.bulk.jobs import (
    cancel_job,
    purge_jobs,
    retry_failed,
    start_assigning,
    start_redeeming,
)
from token_payments.bulk.running import RUN_FOR, run_job
