"""The demo lender's models and strategies, each carried to its certificate by three colleagues.

    consumer-credit v1      the scorecard that decides
    consumer-credit v2      a shorter scorecard that asks no bureau; it scores beside the first one and decides nothing
    applicant-outliers v1   the anomaly score
    complaint-topic v1      sorts what customers write, learnt from the cases that officers have answered
    default v1, v2          the strategy in force, and Dora's draft of a stricter one that waits for Ruth

The scorecards learn from newcomers of the process that the customers are drawn from, who ask for what the product allows,
as the customers do: what is monitored later is the same population.
"""

import csv
import datetime
import io
import random
from collections.abc import Iterator
from typing import Any

from django.db import transaction

from customers.models import User
from lending.demo.applying import asked
from lending.products.models import ProductVersion
from scoring import certification, demo_process, strategy
from scoring.models import ModelVersion
from scoring.outlier_training import train_outliers
from scoring.strategy_rules import STARTING_RULES
from scoring.text_training import COMPLAINT_TOPIC, csv_of, rows_from, train_text_model
from scoring.training import train_model

SEED = 2026
TRAINING_ROWS, SHADOW_ROWS, OUTLIER_ROWS = 6000, 3000, 2500
SOURCE = "people of the demo process"
CERTIFIED_DAYS = 730
#: Every one of them has none: there is nothing to learn from.
OUR_BOOK = ("prior_loans_with_us", "relationship_months")
BUREAU = ("records", "bureau_inquiries_6m", "bureau_open_loans", "bureau_max_dpd_24m", "bureau_history_months")

Staff = dict[str, User]


@transaction.atomic
def certified_models(staff: Staff, version: ProductVersion, *, opened: datetime.date) -> None:
    """Everything that decides from the first day on. Made before, it stays."""
    if ModelVersion.objects.exists():
        return
    people = list(_newcomers(TRAINING_ROWS, version))
    champion = _scorecard(people, staff)
    _certified(champion, f"AUC {champion.metrics['auc']} in cross-validation.", staff, opened)
    certification.promote(champion, to=ModelVersion.Status.CHAMPION, by=staff["chen"], on=opened)
    shadow = _scorecard([_without(one, BUREAU) for one in people[:SHADOW_ROWS]], staff)
    _certified(shadow, f"AUC {shadow.metrics['auc']} without the bureau: to be watched beside v1.", staff, opened)
    certification.promote(shadow, to=ModelVersion.Status.SHADOW, by=staff["chen"], on=opened)
    facts = [_without(one, ("target",)) for one in people[:OUTLIER_ROWS]]
    outliers, _model = train_outliers(facts, share=0.01, source=SOURCE, by=staff["dora"])
    share = outliers.metrics["held_out_share"]
    _certified(outliers, f"Calls {share:.2%} of people it had not seen unusual.", staff, opened)
    draft = strategy.draft(
        rules=STARTING_RULES, note="The starting strategy", effective_from=opened, by=staff["dora"], on=opened
    )
    strategy.approve(draft, by=staff["ruth"], on=opened)


def certified_topics(staff: Staff, *, on: datetime.date) -> None:
    """The classifier of what customers write, trained on the cases answered so far."""
    content = csv_of(rows_from("cases"))
    version, _trained = train_text_model(
        content, text="text", label="label", by=staff["dora"], source="answered cases", name=COMPLAINT_TOPIC
    )
    _certified(
        version, f"Macro F1 {version.metrics['macro_f1']}: a first suggestion; officers choose the topic.", staff, on
    )
    certification.promote(version, to=ModelVersion.Status.CHAMPION, by=staff["chen"], on=on)


def draft_strategy(staff: Staff, *, on: datetime.date) -> None:
    """A stricter one, to be replayed and approved, or not."""
    rules = {**STARTING_RULES, "cut_offs": {**STARTING_RULES["cut_offs"], "approve_to_pd": "0.12"}}
    strategy.draft(
        rules=rules,
        note="Approve up to 12% instead of 18%; between 12% and 40% an officer decides",
        effective_from=on + datetime.timedelta(days=14),
        by=staff["dora"],
        on=on,
    )


def _newcomers(count: int, version: ProductVersion) -> Iterator[dict[str, Any]]:
    """Facts of an application as the lender comes to know them, and what became of it."""
    for number in range(count):
        person = demo_process.person(random.Random(f"loanbook-demo-training:{SEED}:{number}"), newcomer=True)
        loan = asked(person.facts, version)
        wanted = {
            "requested_amount": loan["amount_minor"] / 100,
            "installments": loan["installments"],
            "purpose": loan["purpose"],
        }
        yield _without({**person.facts, **wanted, "target": int(person.defaulted)}, OUR_BOOK)


def _without(row: dict[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in names}


def _scorecard(people: list[dict[str, Any]], staff: Staff) -> ModelVersion:
    file = io.StringIO()
    writer = csv.DictWriter(file, list(people[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(people)
    content = file.getvalue().encode()
    version, _trained = train_model(
        content, target="target", by=staff["dora"], source=SOURCE, name="consumer-credit", algorithm="scorecard"
    )
    return version


def _certified(version: ModelVersion, note: str, staff: Staff, on: datetime.date) -> None:
    certification.submit(version, by=staff["dora"], on=on)
    certification.validate(version, passed=True, note=note, by=staff["vera"], on=on)
    expires_on = on + datetime.timedelta(days=CERTIFIED_DAYS)
    certification.certify(version, expires_on=expires_on, by=staff["chen"], on=on)
