"""Log an attempt to reach a debtor, if the rules allow one then.

GB/T 45251-2025: none from 22:00 to 08:00, and at most three connected a day and debtor (all loans together); the
association's rules of 2026: at most six unanswered a day and number. The figures are rule parameters. Asking first
(`check`) and logging after (`log_contact`) refuse in the same words.
"""

import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import get_language

from customers.models import Customer, User
from lending.collections.models import Case, ContactAttempt
from lending.collections.refusals import CaseClosed, ContactNotAllowed, TooManyUnanswered
from lending.regulation.checks import check_contact
from lending.regulation.rules import in_force
from lending.servicing.rules import JURISDICTION

CONNECTED = (ContactAttempt.Result.ANSWERED, ContactAttempt.Result.WRONG_PARTY)


def log_contact(
    case: Case, *, channel: str, result: str, at: datetime.datetime, note: str = "", by: User
) -> ContactAttempt:
    """Add the attempt made at a moment. The same attempt (case, channel, moment, person) again gives back the first.

    Raises CaseClosed, ContactNotAllowed (hours, connected contacts) and TooManyUnanswered.
    """
    with transaction.atomic():
        Customer.objects.select_for_update().get(pk=case.customer_id)  # the counts are a debtor's, not a case's
        known = ContactAttempt.objects.filter(case=case, channel=channel, at=at, by=by).first()
        if known is not None:
            return known
        check(Case.objects.get(pk=case.pk), at=at)
        return ContactAttempt.objects.create(
            case=case, customer_id=case.customer_id, channel=channel, result=result, at=at, note=note, by=by
        )


def check(case: Case, *, at: datetime.datetime) -> None:
    """Whether the debtor may be contacted at that moment. Raises as `log_contact` does."""
    if case.status != Case.Status.OPEN:
        raise CaseClosed()
    local = timezone.localtime(at)
    start = timezone.make_aware(datetime.datetime.combine(local.date(), datetime.time()))
    attempts = ContactAttempt.objects.filter(
        customer_id=case.customer_id, at__gte=start, at__lt=start + datetime.timedelta(days=1)
    )
    rules = in_force(jurisdiction=JURISDICTION, on=local.date())
    for finding in check_contact(local.time(), attempts.filter(result__in=CONNECTED).count(), rules):
        chinese = (get_language() or "").startswith("zh")
        reason = finding.text_zh if chinese else finding.text_en
        raise ContactNotAllowed(reason=reason, citation=finding.citation)
    most = rules.get("contacts_unanswered_per_number_per_day_max")
    unanswered = attempts.filter(result=ContactAttempt.Result.NO_ANSWER).count()
    if most is not None and unanswered >= most.value:
        raise TooManyUnanswered(count=unanswered, citation=most.citation)
