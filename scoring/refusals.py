"""What scoring refuses, as named facts. `scoring` stands beside `customers`, so it has its own base of the same
shape.
"""

from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _


class ScoringRefusal(ValidationError):
    """Base: a stable code, the field it is about, and a sentence that says what to do next."""

    code: str = "refused"
    text: ClassVar[Any] = ""
    field: ClassVar[str | None] = None
    status: ClassVar[int] = 409

    def __init__(self, **params: Any) -> None:
        self.about = params.pop("field", None) or type(self).field
        self.details = params
        super().__init__(type(self).text, code=type(self).code, params=params)


class WrongStatus(ScoringRefusal):
    code = "wrong_status"
    field = "status"
    text = _("%(what)s is %(status)s; this step needs it to be %(needed)s.")


class NeedsAnotherPerson(ScoringRefusal):
    code = "needs_another_person"
    field = "by"
    text = _("Developer, validator and certifier are three people: ask somebody who has not acted on this model yet.")


class CheckerIsMaker(ScoringRefusal):
    code = "checker_is_maker"
    field = "by"
    text = _("The person who wrote a strategy cannot approve it: ask a colleague.")


class ProposerCannotConfirm(ScoringRefusal):
    code = "proposer_cannot_confirm"
    field = "by"
    text = _("Who proposed it cannot confirm it or turn it down: ask a colleague.")


class WhyIsNeeded(ScoringRefusal):
    code = "why_is_needed"
    field = "note"
    status = 400
    text = _("Say why, so that the colleague who proposed it understands it.")


class NotSomebody(ScoringRefusal):
    code = "not_somebody"
    field = "by"
    text = _("This step is a person's: the system cannot take it.")


class CertificateInThePast(ScoringRefusal):
    code = "certificate_in_the_past"
    field = "certificate_expires_on"
    status = 400
    text = _("A certificate must end after %(on)s and at most %(most)s days later.")


class ShareOutOfBounds(ScoringRefusal):
    code = "share_out_of_bounds"
    field = "challenger_percent"
    status = 400
    text = _("A challenger decides a share of the applications: enter a whole number from 1 to %(most)s percent.")


class ArtifactDamaged(ScoringRefusal):
    code = "artifact_damaged"
    text = _(
        "The model file %(sha256)s does not match its hash and was not loaded: restore it or promote another model."
    )


class UnsafeArtifact(ScoringRefusal):
    code = "unsafe_artifact"
    text = _("The model file is not in a format that may be loaded: %(problem)s.")


class NotTrainedOnFacts(ScoringRefusal):
    code = "not_trained_on_facts"
    text = _(
        "%(model)s was trained on columns that are not declared facts, so it cannot decide: train it with a mapping."
    )


class NothingToRollBackTo(ScoringRefusal):
    code = "nothing_to_roll_back_to"
    text = _("%(model)s has no earlier champion with a valid certificate: certify another model first.")


class RulesInvalid(ScoringRefusal):
    code = "rules_invalid"
    field = "rules"
    status = 400
    text = _("The rules cannot be used: %(problems)s")


class DataUnusable(ScoringRefusal):
    code = "data_unusable"
    field = "data"
    status = 400
    text = _("The training data cannot be used: %(problem)s")


class NameNeeded(ScoringRefusal):
    code = "name_needed"
    field = "name"
    status = 400
    text = _(
        "%(model)s is the model that scores applicants, and this one is no version of it: it was trained on columns "
        "instead of facts, or for another purpose. Name it with --name."
    )


class HasADeveloper(ScoringRefusal):
    code = "has_a_developer"
    field = "by"
    text = _("%(model)s is developed by %(developer)s: only a draft without a developer can be taken over.")


class ListingTooLong(ScoringRefusal):
    code = "listing_too_long"
    field = "expires_on"
    status = 400
    text = _("A blacklist entry ends after %(on)s and at most %(most)s days later: nobody is listed for ever.")


class NoBook(ScoringRefusal):
    code = "no_book"
    field = "book"
    text = _("No book of loans tells scoring what became of its applications: train on a file instead.")


class DefinitionInvalid(ScoringRefusal):
    code = "definition_invalid"
    status = 400
    text = _("Good and bad cannot be told apart like that: %(problem)s.")


class NothingDecided(ScoringRefusal):
    code = "nothing_decided"
    field = "since"
    text = _("No application decided in the period up to %(until)s has a score: there is nothing to learn from.")


class TooFewOutcomes(ScoringRefusal):
    code = "too_few_outcomes"
    field = "book"
    text = _(
        "%(bad)s bad and %(good)s good loans have a known outcome; at least %(least)s of each are needed. "
        "%(immature)s more are younger than %(months)s months: wait for them, take a shorter window or a lower number of "
        "days past due as bad, or train on a file."
    )
