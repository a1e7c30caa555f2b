"""What the worker does for repayments: send payment orders to the bank, and find those that got stuck."""

import structlog
from celery import shared_task

from customers.refusals import Refusal
from lending.clock import business_date
from lending.loans.gateway import GatewayUnavailable
from lending.repayments import ordering
from lending.repayments.models import PaymentOrder

log = structlog.get_logger(__name__)
#: After so many orders without an answer the bank is taken to be down.
MOST_UNREACHABLE = 3


@shared_task(
    autoretry_for=(GatewayUnavailable,), retry_backoff=2, retry_backoff_max=60, retry_jitter=True, max_retries=5
)
def submit_payment_order(order_id: int) -> str:
    """Send one order; while the bank does not answer, again after 2, 4, 8 … seconds, then the catch-up does."""
    return ordering.submit(PaymentOrder.objects.get(pk=order_id), on=business_date()).status


@shared_task
def retry_payment_orders() -> dict[str, int]:
    """Every few minutes: send what was never sent, and ask the bank about what it has not answered. Safe to double."""
    counts = {"settled": 0, "waiting": 0, "unreachable": 0, "refused": 0}
    unsettled = PaymentOrder.objects.filter(status__in=ordering.UNDER_WAY).order_by("pk")
    for order in unsettled.iterator(chunk_size=200):
        try:
            status = ordering.ask(order, on=business_date()).status
            counts["waiting" if status in ordering.UNDER_WAY else "settled"] += 1
        except GatewayUnavailable:
            counts["unreachable"] += 1
            if counts["unreachable"] >= MOST_UNREACHABLE:
                break
        except Refusal as refused:
            counts["refused"] += 1
            log.warning("payment_order_refused", order=order.pk, code=refused.code)
    return counts
