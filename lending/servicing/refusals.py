"""What the business day refuses, and what to do instead."""

from django.utils.translation import gettext_lazy as _

from customers.refusals import InvalidValue, Refusal


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


class UnknownReason(InvalidValue):
    code = "unknown_reason"
    field = "reason"
    text = _("Choose what has changed.")


class UnknownWay(InvalidValue):
    code = "unknown_way"
    field = "way"
    text = _("Choose one of the ways shown.")


class InstallmentsRefused(InvalidValue):
    code = "installments_refused"
    field = "installments"
    text = _("Enter the number of installments.")


class WayDoesNotFit(Refusal):
    code = "way_does_not_fit"
    field = "way"
    text = _(
        "This way does not fit the loan as it stands: too few or too many installments, or too little left. Choose another."
    )


class PlanChangeUnderWay(Refusal):
    code = "plan_change_under_way"
    text = _("You have asked for help with this loan already (%(number)s). We answer that request first.")


class PlanChangeMoved(Refusal):
    code = "plan_change_moved"
    text = _("%(number)s has moved on (%(status)s). Reload the page to see where it stands.")


class PlanOfferLapsed(Refusal):
    code = "plan_offer_lapsed"
    status = 410
    text = _("This offer was to be accepted by %(day)s. Ask again for a new one.")


class NoteMissing(InvalidValue):
    code = "note_missing"
    field = "note"
    text = _("Write for the file why, in at most %(most)s characters.")


class ProposerCannotApprove(Refusal):
    code = "proposer_cannot_approve"
    status = 403
    text = _("You proposed this yourself: a colleague must approve it.")


class OwnPlanChange(Refusal):
    code = "own_plan_change"
    status = 403
    text = _("This is your own loan: somebody else must decide.")


class UnknownOutcome(InvalidValue):
    code = "unknown_outcome"
    field = "outcome"
    text = _("Choose what came of it.")


class TaskResolved(Refusal):
    code = "task_resolved"
    text = _("%(task)s is resolved already.")
