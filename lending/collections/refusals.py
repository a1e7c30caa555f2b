"""What collections refuse, and what to do instead."""

from django.utils.translation import gettext_lazy as _

from customers.refusals import Refusal


class CaseClosed(Refusal):
    code = "case_closed"
    field = "case"
    text = _("This case is closed: the loan is no longer late. There is nothing to collect.")


class ContactNotAllowed(Refusal):
    """The law or the association's rules forbid this contact; `reason` says which and until when."""

    code = "contact_not_allowed"
    field = "at"
    text = _("This contact is not allowed. %(reason)s (%(citation)s)")


class TooManyUnanswered(Refusal):
    code = "too_many_unanswered"
    field = "at"
    text = _("No answer %(count)s times that day already, the most allowed (%(citation)s). Try again tomorrow.")


class PromiseTooLate(Refusal):
    code = "promise_too_late"
    status = 400
    field = "pay_by"
    text = _("The day of payment, %(pay_by)s, must be %(on)s or later.")


class PromiseAmountWrong(Refusal):
    code = "promise_amount_wrong"
    status = 400
    field = "amount_minor"
    text = _("Promise more than nothing and at most what is owed on the loan, %(most)s in minor units.")
