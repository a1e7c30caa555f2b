"""What became of every application a model helped to decide: the book's side of `scoring.outcomes`.

One row per application with a deciding score, in the order of the machine's decisions. For a loan paid out on
2025-03-31 and a window of 6 months the window ends on 2025-09-30; what counts is what was known by the end of the window
and by `as_of`, whichever is earlier (the cut-off). The worst days past due is the greater of

  the lateness of each installment that was due before the cut-off: to the day it was settled, or to the cut-off
  what the closes of business days wrote down (arrears moves): installments moved by a rescheduling leave no other trace

    (a day is closed in its first hour, so the day of the payment still counts)

    due          settled      cut-off      late
    2025-05-31   2025-05-30   2025-09-30     0
    2025-06-30   2025-08-04   2025-09-30    35     cured, and counted
    2025-07-31   -            2025-09-30    61     worst: 61

A loan charged off, or restructured, re-aged, re-amortized or rescheduled while something was past due, is bad whatever
its days (the distressed restructuring of BCBS d403). A loan younger than the window is bad
if it already went bad and undecided otherwise; one paid off early is judged at once, for nothing more can become of it.

Value dates count, not days of entry: a payment received in time and entered late was received in time. One statement,
streamed; the engines differ in four words of `set_sql`.
"""

import datetime
import json
from collections.abc import Iterator, Mapping
from typing import Any

from customers.models import Customer, User
from lending.applications.models import Application, Decision
from lending.loans.models import Installment, Loan, LoanEvent
from lending.loans.projecting import RELIEF
from lending.servicing.models import ArrearsMove
from lending.servicing.set_sql import date_of, days_between, earlier_of, json_number, months_after, stream, table
from scoring.models import FraudSignal, Score
from scoring.outcomes import Definition, Outcome

LOSS = ("charge_off", "write_off")
#: An installment that was settled, or of which something is still owed: rows that ask for nothing are never late.
_SETTLED_OR_OWED = """(i.settled_on IS NOT NULL OR i.waived_minor
    + i.paid_principal_minor + i.paid_interest_minor + i.paid_fees_minor + i.paid_penalties_minor
    < i.principal_minor + i.interest_minor + i.fees_minor + i.penalties_minor)"""
_ENDED = {Application.Status.WITHDRAWN: "withdrawn", Application.Status.EXPIRED: "expired"}
_STANDING = {"approve": "approved", "decline": "declined", "refer": "referred"}


def outcomes_of_book(
    *, since: datetime.date, until: datetime.date, definition: Definition, as_of: datetime.date
) -> Iterator[Outcome]:
    """The outcomes of applications decided from `since` to `until`, as known on `as_of`."""
    known = {"since": since.isoformat(), "until": min(until, as_of).isoformat(), "as_of": as_of.isoformat()}
    for row in stream(_sql(definition.months), known):
        yield _outcome(row, definition)


def _sql(months: int) -> str:
    """One row an application, its columns in the order that `_outcome` reads them."""
    return f"""
        WITH asked AS ({_asked()}), standing AS ({_standing()}), book AS ({_book(months)}),
             late AS ({_late()}), moved AS ({_moved()}), happened AS ({_happened()})
        SELECT s.subject_reference, s.customer_reference, asked.decided_on, asked.outcome,
               CASE WHEN asked.outcome = 'decline' THEN asked.reasons END,
               d.outcome, d.override, CASE WHEN d.by_id IS NOT NULL THEN d.reasons END, a.status, a.channel,
               COALESCE(u.is_staff, false),
               EXISTS (SELECT 1 FROM {table(FraudSignal)} f WHERE f.subject_reference = s.subject_reference
                       AND f.disposition = 'confirmed' AND f.disposed_on <= {_as_of()}),
               book.disbursed_on, book.matured, book.repaid, late.days, moved.days,
               happened.lost, happened.lost_inside, happened.relieved
        FROM asked
        JOIN {table(Score)} s ON s.id = asked.score_id
        JOIN {table(Application)} a ON a.id = asked.application_id
        JOIN {table(Customer)} c ON c.id = a.customer_id
        LEFT JOIN {table(User)} u ON u.id = c.user_id
        JOIN standing ON standing.application_id = asked.application_id
        JOIN {table(Decision)} d ON d.id = standing.id
        LEFT JOIN book ON book.application_id = asked.application_id
        LEFT JOIN late ON late.id = book.id
        LEFT JOIN moved ON moved.id = book.id
        LEFT JOIN happened ON happened.id = book.id
        ORDER BY asked.decided_on, asked.id
    """  # noqa: S608 - names of tables and columns of ours; every value is a parameter


def _asked() -> str:
    """The machine's first decision with a score, of each application decided in time."""
    return f"""
        SELECT d.id, d.application_id, d.decided_on, d.outcome, d.reasons, d.score_id FROM {table(Decision)} d
        WHERE d.by_id IS NULL AND d.score_id IS NOT NULL
          AND d.decided_on BETWEEN {date_of("%(since)s")} AND {date_of("%(until)s")}
          AND NOT EXISTS (SELECT 1 FROM {table(Decision)} e WHERE e.application_id = d.application_id
                          AND e.by_id IS NULL AND e.score_id IS NOT NULL AND e.id < d.id)
    """  # noqa: S608


def _standing() -> str:
    """The last decision there was by the day asked about."""
    return f"""
        SELECT asked.application_id, MAX(d.id) AS id
        FROM asked JOIN {table(Decision)} d ON d.application_id = asked.application_id AND d.decided_on <= {_as_of()}
        GROUP BY asked.application_id
    """  # noqa: S608


def _book(months: int) -> str:
    """The loans that were paid out, with the end of what counts, and whether their time has passed."""
    window_ends = months_after("l.disbursed_on", months)
    return f"""
        SELECT l.id, l.application_id, l.disbursed_on, {earlier_of(window_ends, _as_of())} AS cut_off,
               CASE WHEN {window_ends} <= {_as_of()} THEN 1 ELSE 0 END AS matured,
               CASE WHEN l.status = 'paid_off' AND l.closed_on <= {_as_of()} THEN 1 ELSE 0 END AS repaid
        FROM asked JOIN {table(Loan)} l ON l.application_id = asked.application_id
        WHERE l.disbursed_on <= {_as_of()}
    """  # noqa: S608


def _late() -> str:
    """The worst lateness of installments as the schedule stands now."""
    settled = earlier_of("COALESCE(i.settled_on, book.cut_off)", "book.cut_off")
    return f"""
        SELECT book.id, MAX({days_between(settled, "i.due_on")}) AS days
        FROM book JOIN {table(Installment)} i ON i.loan_id = book.id
        WHERE i.due_on < book.cut_off AND {_SETTLED_OR_OWED} GROUP BY book.id
    """  # noqa: S608


def _moved() -> str:
    """The worst lateness that the closes of business days wrote down."""
    return f"""
        SELECT book.id, MAX(m.days_past_due) AS days
        FROM book JOIN {table(ArrearsMove)} m ON m.loan_id = book.id AND m.business_date <= book.cut_off
        GROUP BY book.id
    """  # noqa: S608


def _happened() -> str:
    """Losses ever and inside the window, and relief given inside it while something was past due."""
    reversed_later = f"""
        SELECT 1 FROM {table(LoanEvent)} r WHERE r.loan_id = e.loan_id AND r.type = 'reverse'
        AND {json_number("r.payload", "event")} = e.sequence AND r.entered_on <= {_as_of()}"""  # noqa: S608
    installment_past_due = f"""
        SELECT 1 FROM {table(Installment)} i WHERE i.loan_id = e.loan_id AND i.due_on < e."on"
        AND (i.settled_on IS NULL OR i.settled_on >= e."on") AND {_SETTLED_OR_OWED}"""  # noqa: S608
    last_move = f"""
        SELECT m.days_past_due FROM {table(ArrearsMove)} m WHERE m.loan_id = e.loan_id AND m.business_date <= e."on"
        ORDER BY m.business_date DESC LIMIT 1"""  # noqa: S608
    inside = 'e."on" <= book.cut_off'
    return f"""
        SELECT book.id, MAX(CASE WHEN e.type IN {_among(LOSS)} THEN 1 ELSE 0 END) AS lost,
               MAX(CASE WHEN e.type IN {_among(LOSS)} AND {inside} THEN 1 ELSE 0 END) AS lost_inside,
               MAX(CASE WHEN e.type IN {_among(RELIEF)} AND {inside}
                             AND (EXISTS ({installment_past_due}) OR COALESCE(({last_move}), 0) > 0)
                        THEN 1 ELSE 0 END) AS relieved
        FROM book JOIN {table(LoanEvent)} e ON e.loan_id = book.id
        WHERE e.type IN {_among((*LOSS, *RELIEF))}
          AND e."on" <= {_as_of()} AND e.entered_on <= {_as_of()} AND NOT EXISTS ({reversed_later})
        GROUP BY book.id
    """  # noqa: S608


def _as_of() -> str:
    return date_of("%(as_of)s")


def _among(kinds: tuple[str, ...]) -> str:
    return "({})".format(", ".join(f"'{kind}'" for kind in kinds))


def _outcome(row: tuple[Any, ...], definition: Definition) -> Outcome:
    subject, customer, decided_on, decision, declined_for, last, override, officer, status, channel = row[:10]
    is_staff, fraud, opened_on, matured, repaid, late, moved, lost, lost_inside, relieved = row[10:]
    final = _STANDING[last] if opened_on else _ENDED.get(status, _STANDING[last])
    worst = max(0, late or 0, moved or 0) if opened_on else None
    bad, indeterminate = _judged(worst, bool(matured or repaid), bool(lost_inside or relieved), definition)
    found = {
        "fraud": bool(fraud),
        "staff": bool(is_staff),
        f"channel:{channel}": True,
        "policy": final == "declined" and _first(declined_for).get("kind") == "rule",
    }
    return Outcome(
        subject=subject,
        customer=customer,
        decided_on=_day(decided_on),
        decision=decision,
        final=final,
        overridden=bool(override),
        officer_reason=str(_first(officer).get("code", "")),
        opened_on=_day(opened_on) if opened_on else None,
        bad=bad,
        indeterminate=indeterminate,
        excluded=next((code for code in definition.exclusions if found.get(code)), ""),
        matured=bool(matured),
        worst_days_past_due=worst,
        written_off=bool(lost),
    )


def _judged(worst: int | None, over: bool, lost: bool, definition: Definition) -> tuple[bool | None, bool]:
    """Bad or not, and whether it is indeterminate: nothing is bad without a loan, and nothing good before its time."""
    if worst is None:
        return None, False
    if lost or worst >= definition.bad_days:
        return True, False
    if not over:
        return None, False
    return (None, True) if worst >= definition.indeterminate_from else (False, False)


def _first(reasons: Any) -> Mapping[str, Any]:
    """The first of a decision's reasons, as the engine gives the JSON."""
    found = json.loads(reasons) if isinstance(reasons, str) else reasons
    return found[0] if found else {}


def _day(value: Any) -> datetime.date:
    """A date as the engine gives it: SQLite computes with text."""
    return datetime.date.fromisoformat(value) if isinstance(value, str) else value
