"""The life of a model: draft → submitted → validated → certified → champion, challenger or shadow → retired.

Developer, validator and certifier are three people: the acts refuse otherwise, and so does the database. Every act is a
row of history; the trail seals those rows.
"""

import datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from scoring import refusals
from scoring.history import sign
from scoring.models import ModelVersion

Status = ModelVersion.Status
LONGEST_CERTIFICATE_DAYS = 732
MOST_CHALLENGER_PERCENT = 50
SOON_DAYS = 60
"""A certificate that ends within so many days is told: validation takes weeks."""
_RUNNING = (Status.CHAMPION, Status.CHALLENGER, Status.SHADOW)


@transaction.atomic
def take_over(version: ModelVersion, *, by: Any, on: datetime.date) -> ModelVersion:
    """Become the developer of a draft that was trained without naming one: validator and certifier are then two others."""
    locked = _locked(version, by)
    if locked.developer_id == by.pk:
        return locked
    _needs(locked, Status.DRAFT)
    if locked.developer is not None:
        raise refusals.HasADeveloper(model=locked, developer=locked.developer)
    return _moved(_developed(locked, by), Status.DRAFT, by, f"taken over on {on}")


@transaction.atomic
def submit(version: ModelVersion, *, by: Any, on: datetime.date) -> ModelVersion:
    """Hand a draft to validation. Who submits it is its developer, unless training named another."""
    locked = _locked(version, by)
    if locked.status == Status.SUBMITTED:
        return locked
    _needs(locked, Status.DRAFT)
    return _moved(_developed(locked, by), Status.SUBMITTED, by, f"submitted on {on}")


@transaction.atomic
def validate(version: ModelVersion, *, passed: bool, note: str, by: Any, on: datetime.date) -> ModelVersion:
    """The validator's verdict, with her words; a model that fails is rejected for good and trained anew."""
    locked = _locked(version, by)
    if locked.status == Status.VALIDATED and passed and locked.validator_id == by.pk:
        return locked
    _needs(locked, Status.SUBMITTED)
    if by.pk == locked.developer_id:
        raise refusals.NeedsAnotherPerson()
    locked.validator = by
    locked.validation_note = note
    return _moved(locked, Status.VALIDATED if passed else Status.REJECTED, by, f"validated on {on}")


@transaction.atomic
def certify(version: ModelVersion, *, expires_on: datetime.date, by: Any, on: datetime.date) -> ModelVersion:
    """A certificate with an end, given by a third person. Raises CertificateInThePast for an end that cannot be."""
    locked = _locked(version, by)
    if locked.status == Status.CERTIFIED and locked.certifier_id == by.pk:
        return locked
    _needs(locked, Status.VALIDATED)
    if by.pk in (locked.developer_id, locked.validator_id):
        raise refusals.NeedsAnotherPerson()
    if not on < expires_on <= on + datetime.timedelta(days=LONGEST_CERTIFICATE_DAYS):
        raise refusals.CertificateInThePast(on=on, most=LONGEST_CERTIFICATE_DAYS)
    locked.certifier = by
    locked.certificate_expires_on = expires_on
    return _moved(locked, Status.CERTIFIED, by, f"certified on {on}")


@transaction.atomic
def promote(version: ModelVersion, *, to: str, by: Any, on: datetime.date, challenger_percent: int = 0) -> ModelVersion:
    """Let a certified model decide (champion), decide its share (challenger), or only score (shadow).

    The champion before it becomes a certified model again, ready for a rollback.
    """
    locked = _locked(version, by)
    if locked.status == to and locked.challenger_percent == challenger_percent:
        return locked
    if to not in _RUNNING:
        raise refusals.WrongStatus(what=locked, status=to, needed=", ".join(_RUNNING))
    _needs(locked, Status.CERTIFIED, *_RUNNING)
    _needs_certificate(locked, on)
    _needs_a_place(locked, to)
    if to == Status.CHAMPION:
        _step_down(locked.name, by, on, but=locked.pk)
        locked.promoted_on = on
    locked.challenger_percent = challenger_percent if to == Status.CHALLENGER else 0
    if to == Status.CHALLENGER and not 0 < challenger_percent <= MOST_CHALLENGER_PERCENT:
        raise refusals.ShareOutOfBounds(most=MOST_CHALLENGER_PERCENT)
    return _moved(locked, to, by, f"{to} on {on}")


def former_champions(name: str, on: datetime.date) -> QuerySet[ModelVersion]:
    """Certified models that decided once, the one before the present champion first: what a rollback returns to."""
    certified = ModelVersion.objects.filter(name=name, status=Status.CERTIFIED, certificate_expires_on__gte=on)
    return certified.filter(promoted_on__isnull=False).order_by("-promoted_on", "-version")


@transaction.atomic
def roll_back(name: str, *, by: Any, on: datetime.date) -> ModelVersion:
    """The champion before the present one decides again, at once. Raises NothingToRollBackTo."""
    if by is None:
        raise refusals.NotSomebody()
    earlier = former_champions(name, on).select_for_update().first()
    if earlier is None:
        raise refusals.NothingToRollBackTo(model=name)
    _step_down(name, by, on, but=earlier.pk, forgotten=True)
    return _moved(earlier, Status.CHAMPION, by, f"rolled back on {on}")


@transaction.atomic
def retire(version: ModelVersion, *, fallback: str, by: Any, on: datetime.date) -> ModelVersion:
    """Take a model out of use for good, naming what decides instead (another model, or people)."""
    locked = _locked(version, by)
    if locked.status == Status.RETIRED:
        return locked
    locked.fallback = fallback
    locked.challenger_percent = 0
    return _moved(locked, Status.RETIRED, by, f"retired on {on}")


def _developed(version: ModelVersion, by: Any) -> ModelVersion:
    """With a developer and an owner, where training named none."""
    version.developer = version.developer or by
    version.owner = version.owner or str(version.developer)
    return version


def _locked(version: ModelVersion, by: Any) -> ModelVersion:
    if by is None:
        raise refusals.NotSomebody()
    return ModelVersion.objects.select_for_update().get(pk=version.pk)


def _needs(version: ModelVersion, *wanted: str) -> None:
    if version.status not in wanted:
        needed = ", ".join(str(Status(status).label) for status in wanted)
        raise refusals.WrongStatus(what=version, status=version.get_status_display(), needed=needed)


def _needs_certificate(version: ModelVersion, on: datetime.date) -> None:
    if version.certificate_expires_on is None or version.certificate_expires_on < on:
        raise refusals.WrongStatus(what=version, status=f"expired on {version.certificate_expires_on}", needed="valid")


def _needs_a_place(version: ModelVersion, to: str) -> None:
    """Models that decide about people are trained on declared facts; a classifier of texts is in use, or it is not."""
    if version.algorithm == ModelVersion.Algorithm.TEXT:
        if to != Status.CHAMPION:
            raise refusals.WrongStatus(what=version, status=to, needed=Status.CHAMPION)
    elif not version.uses_facts:
        raise refusals.NotTrainedOnFacts(model=version)


def _step_down(name: str, by: Any, on: datetime.date, *, but: int, forgotten: bool = False) -> None:
    """The present champion goes back to certified; `forgotten` keeps a rollback from returning to it."""
    for champion in ModelVersion.objects.select_for_update().filter(name=name, status=Status.CHAMPION).exclude(pk=but):
        if forgotten:
            champion.promoted_on = None
        _moved(champion, Status.CERTIFIED, by, f"stepped down on {on}")


def _moved(version: ModelVersion, status: str, by: Any, why: str) -> ModelVersion:
    version.status = status
    sign(version, by, why)
    version.save()
    return version
