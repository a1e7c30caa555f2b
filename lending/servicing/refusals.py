"""What the business day refuses, and what to do instead."""

from django.utils.translation import gettext_lazy as _

from customers.refusals import Refusal


class DayAlreadyPassed(Refusal):
    code = "day_already_passed"
    field = "date"
    text = _("%(on)s was not closed and %(last)s already is: days are closed in order. Close a day after %(last)s.")


class DayBeingClosed(Refusal):
    code = "day_being_closed"
    field = "date"
    text = _("Another worker has been closing %(on)s (%(job)s) for less than %(minutes)s minutes. Try again later.")


class JobFailed(Refusal):
    code = "job_failed"
    status = 500
    text = _("The job %(job)s of %(on)s failed (%(reason)s). What was done is kept; close the day again to go on.")
