"""What collections knows of a loan and early warning does not: attempts nobody answered, promises that were not kept.

unanswered_contacts    attempts without an answer since the last that was answered, in the last three months
broken_promises        promises whose day came in the last six months without the promised amount by then
"""

import datetime
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from django.utils import timezone

from lending.collections.models import ContactAttempt, PromiseToPay
from lending.repayments.models import Repayment
from lending.servicing.early_warning import HALF_YEAR, QUARTER


def facts_of(ids: Sequence[int], on: datetime.date) -> dict[int, dict[str, Any]]:
    """Facts by loan, for loans that ever had a case."""
    found: dict[int, dict[str, Any]] = defaultdict(dict)
    for loan, count in _unanswered(ids, on).items():
        found[loan]["unanswered_contacts"] = count
    for loan, count in _broken(ids, on).items():
        found[loan]["broken_promises"] = count
    return found


def _unanswered(ids: Sequence[int], on: datetime.date) -> dict[int, int]:
    since, until = (timezone.make_aware(datetime.datetime.combine(day, datetime.time())) for day in (on - QUARTER, on))
    attempts = ContactAttempt.objects.filter(case__loan_id__in=ids, at__gte=since, at__lt=until)
    counts: dict[int, int] = {}
    for loan, result in attempts.order_by("at", "pk").values_list("case__loan_id", "result"):
        counts[loan] = counts.get(loan, 0) + 1 if result == ContactAttempt.Result.NO_ANSWER else 0
    return counts


def _broken(ids: Sequence[int], on: datetime.date) -> dict[int, int]:
    promises = PromiseToPay.objects.filter(case__loan_id__in=ids, pay_by__lt=on, pay_by__gte=on - HALF_YEAR)
    made = list(promises.values_list("case__loan_id", "promised_on", "pay_by", "amount_minor"))
    paid: dict[int, list[tuple[datetime.date, int]]] = defaultdict(list)
    received = Repayment.objects.filter(
        loan_id__in={row[0] for row in made}, reverses__isnull=True, reversal__isnull=True
    )
    for loan, day, amount in received.values_list("loan_id", "received_on", "amount_minor"):
        paid[loan].append((day, amount))
    counts: dict[int, int] = {}
    for loan, promised_on, pay_by, promised in made:
        kept = sum(amount for day, amount in paid[loan] if promised_on <= day <= pay_by) >= promised
        counts[loan] = counts.get(loan, 0) + (not kept)
    return counts
