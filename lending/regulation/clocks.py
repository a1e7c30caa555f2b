"""By when a customer's request must be answered: the clock of its kind, from the rules in force on the day it came.

    an explanation or a review, asked for on 2026-09-14, `decision_review_days` 15 days           2026-09-29
    her data corrected, asked for on 2026-09-28, `privacy_request_days` 15 working days           2026-10-23
    a complaint, made on 2026-09-14, `complaint_clock_days` 15 days where it is simple              2026-09-29
    trouble paying, told on 2026-09-14, `hardship_answer_days` 5 working days                     2026-09-20

Working days are China's where China's rules hold, and Monday to Friday elsewhere.
"""

from datetime import date, timedelta

from lending.finance.china_calendar import china_calendar
from lending.finance.working_days import WEEKDAYS, add_working_days
from lending.regulation.checks import Rule
from lending.regulation.rules import parameter

#: Kind of request -> the rule that says how long it may take.
CLOCKS = {
    "explanation": "decision_review_days",
    "review": "decision_review_days",
    "complaint": "complaint_clock_days",
    "question": "complaint_clock_days",
    "correction": "privacy_request_days",
    "erasure": "privacy_request_days",
    "hardship": "hardship_answer_days",
}


def clock_of(kind: str, *, on: date, jurisdiction: str = "CN") -> Rule:
    """The rule that gives a kind its time. Raises KeyError for a kind without a clock, RuleUnknown for one not entered."""
    return parameter(CLOCKS[kind], jurisdiction=jurisdiction, on=on)


def answer_due_on(kind: str, *, on: date, jurisdiction: str = "CN") -> date:
    """The last day on which a request that came on `on` is answered in time."""
    rule = clock_of(kind, on=on, jurisdiction=jurisdiction)
    value = rule.value["simple"] if isinstance(rule.value, dict) else rule.value
    days = int(value)
    if rule.unit != "working days":
        return on + timedelta(days=days)
    return add_working_days(on, days, china_calendar() if jurisdiction == "CN" else WEEKDAYS)
