"""Why an application, an offer or a contract was refused, each with what to do next."""

from django.utils.translation import gettext_lazy as _

from customers.refusals import Refusal


class ApplicationAlreadyOpen(Refusal):
    code = "application_already_open"
    text = _("Application %(application)s is still open. Finish or withdraw it before you begin another one.")


class NotForThisCustomer(Refusal):
    code = "not_for_this_customer"
    field = "product"
    status = 400
    text = _("This product is not for customers of your kind. Choose a product for %(kind)s.")


class CustomerBlocked(Refusal):
    code = "customer_blocked"
    status = 403
    text = _("You cannot apply at the moment. Please call us.")


class NotIdentified(Refusal):
    code = "not_identified"
    field = "customer"
    text = _("We do not know who you are yet. Enter your name and ID number first, then submit again.")


class NotADraft(Refusal):
    code = "not_a_draft"
    text = _("%(application)s has been submitted and can no longer be changed. Withdraw it to begin anew.")


class ApplicationClosed(Refusal):
    code = "application_closed"
    text = _("%(application)s is closed (%(status)s). Begin a new application if you still need a loan.")


class NotYours(Refusal):
    code = "not_yours"
    status = 404
    text = _("There is nothing of yours here. Sign in with the account that applied.")


class NotReferred(Refusal):
    code = "not_referred"
    text = _("%(application)s is not waiting for an officer (%(status)s). Open the queue again for those that are.")


class NotAnOfficer(Refusal):
    code = "not_an_officer"
    field = "by"
    status = 403
    text = _("Applications are decided by officers. Sign in as one.")


class OwnApplication(Refusal):
    code = "own_application"
    field = "by"
    status = 403
    text = _("This application is your own: somebody else must decide it.")


class ReviewerDecidedBefore(Refusal):
    code = "reviewer_decided_before"
    field = "by"
    status = 403
    text = _("You decided this application yourself: a colleague must review it.")


class NotDeclined(Refusal):
    code = "not_declined"
    text = _("%(application)s was not declined (%(status)s), so there is nothing to review.")


class NoOffer(Refusal):
    code = "no_offer"
    text = _("%(application)s has no offer that could be taken up.")


class OfferExpired(Refusal):
    code = "offer_expired"
    status = 410
    text = _("This offer stood until %(day)s. Apply again for a new one.")


class OfferSuperseded(Refusal):
    code = "offer_superseded"
    text = _("This offer was replaced by a newer one. Open the newer one.")


class AlreadySigned(Refusal):
    code = "already_signed"
    text = _("The contract is signed, so the offer can no longer be changed.")


class DigestMismatch(Refusal):
    code = "digest_mismatch"
    field = "sha256"
    status = 400
    text = _("What you were shown is not this contract. Open the contract again, read it and sign what you see.")


class DisclosureUnread(Refusal):
    code = "disclosure_unread"
    field = "disclosure_confirmed"
    status = 400
    text = _("Read the sheet with all costs and confirm that you did, then sign.")
