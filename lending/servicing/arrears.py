"""Who is how late at the close of a day: only loans that change their bucket or class get a row.

Days past due = the day closed less the oldest unpaid due date. Example, an installment due 2026-08-14, never paid:

  close of     days past due   bucket       class                row written
  2026-08-14   0               M0           pass                 -
  2026-08-15   1               M0 -> M1     special mention      yes
  2026-09-13   30              M1           special mention      -
  2026-09-14   31              M1 -> M2     special mention      yes
  2026-11-13   91              M3 -> M4     substandard          yes

Buckets and classes come from the rule parameters `dpd_buckets` and `classification` (五级分类, 2023年第1号令). A loan
that is late no more, paid off or cancelled goes back to the first of both; a charged-off loan stays where it was, and
one whose plan was eased stands under observation (`lending.servicing.observation`). One
statement for the whole book; a second run of the same day finds every loan where it stands and writes nothing.
"""

import datetime

from django.db import transaction
from django.utils import timezone

from lending.loans.models import Loan
from lending.servicing.models import ArrearsMove
from lending.servicing.observation import OBSERVED, STANDING, class_due_on
from lending.servicing.rules import rules_of
from lending.servicing.set_sql import case_by_due_date, date_of, days_between, execute, moment, table


def mark_days_past_due(on: datetime.date) -> dict[str, int]:
    """Write the moves of the day. Returns how many loans moved and how many are late."""
    rules = rules_of(on)
    bucket, bucket_parameters = case_by_due_date("l.oldest_due_on", rules.buckets, on, "bucket")
    class_due, class_parameters = class_due_on(rules, on)
    grade, grade_parameters = case_by_due_date(class_due, rules.classes, on, "grade")
    sql = f"""
        INSERT INTO {table(ArrearsMove)} (
            loan_id, customer_id, business_date, days_past_due,
            bucket, previous_bucket, classification, previous_classification, created_at)
        WITH standing AS ({STANDING}), watched AS (
            SELECT l.id, l.customer_id, s.bucket AS bucket_before, s.classification AS grade_before,
                   CASE WHEN l.oldest_due_on < %(on)s THEN {days_between("%(on)s", "l.oldest_due_on")} ELSE 0 END
                       AS days_past_due, {bucket} AS bucket, {grade} AS grade
            FROM {table(Loan)} l LEFT JOIN standing s ON s.loan_id = l.id
            WHERE l.status = 'active' AND (l.oldest_due_on < %(on)s OR {OBSERVED})
        )
        SELECT w.id, w.customer_id, {date_of("%(on)s")}, w.days_past_due, w.bucket,
               COALESCE(w.bucket_before, %(bucket0)s), w.grade, COALESCE(w.grade_before, %(grade0)s), %(now)s
        FROM watched w
        WHERE w.bucket <> COALESCE(w.bucket_before, %(bucket0)s) OR w.grade <> COALESCE(w.grade_before, %(grade0)s)
        UNION ALL
        SELECT l.id, l.customer_id, {date_of("%(on)s")}, 0, %(bucket0)s, s.bucket, %(grade0)s, s.classification, %(now)s
        FROM standing s JOIN {table(Loan)} l ON l.id = s.loan_id
        WHERE (s.bucket <> %(bucket0)s OR s.classification <> %(grade0)s) AND l.status <> 'charged_off'
          AND NOT (l.status = 'active' AND (COALESCE(l.oldest_due_on < %(on)s, false) OR {OBSERVED}))
        ON CONFLICT DO NOTHING
    """  # noqa: S608 - table names and numbers of ours; every value is a parameter
    parameters = {"on": on.isoformat(), "now": moment(timezone.now())}
    parameters |= {**bucket_parameters, **class_parameters, **grade_parameters}
    with transaction.atomic():
        moved = execute(sql, parameters)
    return {"moved": max(moved, 0), "late": Loan.objects.late(on).count()}
