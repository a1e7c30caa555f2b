"""The demo lender's models and strategies, each carried to its certificate by three colleagues.

    consumer-credit v1      the scorecard that decides
    consumer-credit v2      a shorter scorecard that asks no bureau; it scores beside the first one and decides nothing
    applicant-outliers v1   the anomaly score
    complaint-topic v1      sorts what customers write, learnt from the cases that officers have answered
    default v1, v2          the strategy in force, and Dora's draft of a stricter one that waits for Ruth

The scorecards learn from people of the process that the customers are drawn from, who ask for what the product allows, as
the customers do: what is monitored later is the same population. Nearly all are newcomers; a few have borrowed from us
before, so that a running loan that falls behind is scored as what it has become.
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
#: One in so many has had a loan with us: from them the model learns what arrears with us mean.
BORROWER_EVERY = 16
#: Too few have them for anything else to be learnt.
OUR_BOOK = ("prior_loans_with_us", "relationship_months")
ARREARS = "prior_max_dpd_with_us"
BUREAU = ("records", "bureau_inquiries_6m", "bureau_open_loans", "bureau_max_dpd_24m", "bureau_history_months")

Staff = dict[str, User]


@transaction.atomic
def certified_models(staff: Staff, version: ProductVersion, *, opened: datetime.date) -> None:
    """Everything that decides from the first day on. Made before, it stays."""
    if ModelVersion.objects.exists():
        return
    people = list(_applicants(TRAINING_ROWS, version))
    champion = _scorecard(people, staff)
    _certified(champion, f"交叉验证 AUC 为 {champion.metrics['auc']}。", staff, opened)
    certification.promote(champion, to=ModelVersion.Status.CHAMPION, by=staff["chen"], on=opened)
    shadow = _scorecard([_without(one, BUREAU) for one in people[:SHADOW_ROWS]], staff)
    _certified(shadow, f"不使用征信数据，AUC 为 {shadow.metrics['auc']}；与 v1 并行观察。", staff, opened)
    certification.promote(shadow, to=ModelVersion.Status.SHADOW, by=staff["chen"], on=opened)
    facts = [_without(one, ("target", ARREARS)) for one in people[:OUTLIER_ROWS]]
    outliers, _model = train_outliers(facts, share=0.01, source=SOURCE, by=staff["dora"])
    share = outliers.metrics["held_out_share"]
    _certified(outliers, f"对未见过的样本，判为异常的比例为 {share:.2%}。", staff, opened)
    draft = strategy.draft(rules=STARTING_RULES, note="初始策略", effective_from=opened, by=staff["dora"], on=opened)
    strategy.approve(draft, by=staff["ruth"], on=opened)


def certified_topics(staff: Staff, *, on: datetime.date) -> None:
    """The classifier of what customers write, trained on the cases answered so far."""
    content = csv_of(rows_from("cases"))
    version, _trained = train_text_model(
        content, text="text", label="label", by=staff["dora"], source="answered cases", name=COMPLAINT_TOPIC
    )
    _certified(version, f"宏平均 F1 为 {version.metrics['macro_f1']}；仅作初步建议，主题由工作人员选定。", staff, on)
    certification.promote(version, to=ModelVersion.Status.CHAMPION, by=staff["chen"], on=on)


def draft_strategy(staff: Staff, *, on: datetime.date) -> None:
    """A stricter one, to be replayed and approved, or not."""
    rules = {**STARTING_RULES, "cut_offs": {**STARTING_RULES["cut_offs"], "approve_to_pd": "0.12"}}
    strategy.draft(
        rules=rules,
        note="自动通过上限由 18% 降至 12%；12% 至 40% 之间由工作人员决定",
        effective_from=on + datetime.timedelta(days=14),
        by=staff["dora"],
        on=on,
    )


def _applicants(count: int, version: ProductVersion) -> Iterator[dict[str, Any]]:
    """Facts of an application as the lender comes to know them, and what became of it."""
    for number in range(count):
        draw = random.Random(f"loanbook-demo-training:{SEED}:{number}")
        is_borrower = number % BORROWER_EVERY == 0
        person = demo_process.borrower(draw) if is_borrower else demo_process.person(draw, newcomer=True)
        loan = asked(person.facts, version)
        wanted = {
            "requested_amount": loan["amount_minor"] / 100,
            "installments": loan["installments"],
            "purpose": loan["purpose"],
        }
        yield _without({ARREARS: None, **person.facts, **wanted, "target": int(person.defaulted)}, OUR_BOOK)


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
