"""What the worker does for loans: send payouts to the bank, and find those that got stuck."""

import structlog
from celery import shared_task

from customers.refusals import Refusal
from lending.clock import business_date
from lending.loans import disbursement as disbursing
from lending.loans.gateway import GatewayUnavailable
from lending.loans.models import Disbursement

log = structlog.get_logger(__name__)
#: After so many orders without an answer the bank is taken to be down.
MOST_UNREACHABLE = 3


@shared_task(
    autoretry_for=(GatewayUnavailable,), retry_backoff=2, retry_backoff_max=60, retry_jitter=True, max_retries=5
)
def submit_disbursement(disbursement_id: int) -> str:
    """Send one order; while the bank does not answer, again after 2, 4, 8 … seconds, then the catch-up does."""
    order = Disbursement.objects.get(pk=disbursement_id)
    return disbursing.submit(order, on=business_date()).status


@shared_task
def retry_disbursements() -> dict[str, int]:
    """Every few minutes: send what was never sent, and ask the bank about what it has not answered. Safe to double."""
    counts = {"settled": 0, "waiting": 0, "unreachable": 0, "refused": 0}
    for order in Disbursement.objects.unsettled().order_by("pk").iterator(chunk_size=200):
        try:
            settled = disbursing.ask(order, on=business_date()).settled_on is not None
            counts["settled" if settled else "waiting"] += 1
        except GatewayUnavailable:
            counts["unreachable"] += 1
            if counts["unreachable"] >= MOST_UNREACHABLE:
                break
        except Refusal as refused:
            counts["refused"] += 1
            log.warning("disbursement_refused", disbursement=order.pk, code=refused.code)
    return counts
