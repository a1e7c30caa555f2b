"""The invented people of the demo: a documented, seeded process in which default depends on the facts.

Nobody here exists. Facts are drawn first, then the probability of default from them, then whether the person defaults:

    log-odds of default = −3.9
      + 2.2 × min(principal per installment / income left after expenses, 2)     how heavy the loan is
      + 1.1 if there are adverse records
      + 0.9 × min(days past due elsewhere, 60) / 30
      + 0.22 × min(inquiries in six months, 8)
      + 0.18 × min(open loans elsewhere, 8)
      + 0.7 × min(debts / (12 × income), 2)
      − 0.7 × min(years in employment, 10) / 10
      − 0.5 × min(months of credit history, 120) / 120
      − 0.4 × min(earlier loans with us, 3) / 3
      + 1.0 × min(days past due with us, 90) / 30                                nothing where there was no loan
      + by employment: salaried 0, public −0.4, self-employed +0.3, part-time +0.6, none +1.1
      + by housing: owner −0.3, mortgage −0.2, parents 0, rent +0.25

Age, sex and marital status are drawn too, for the fairness report, and are no part of the sum: what difference there
is comes through the facts (the young have shorter employments). A model that is trained on these people can be
compared with the probabilities that made them, which no real data allows.
"""

import csv
import math
import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, TextIO

_EMPLOYMENT = {"salaried": 0.0, "public": -0.4, "self_employed": 0.3, "part_time": 0.6, "none": 1.1}
_HOUSING = {"owner": -0.3, "mortgage": -0.2, "parents": 0.0, "rent": 0.25}
_INSTALLMENTS = (3, 6, 9, 12, 18, 24, 36)
REPAID_MONTHLY = 0.02
"""The share of her debts that somebody repays each month."""
_PURPOSES = ("consumption", "education", "renovation", "medical", "travel", "business")


@dataclass(frozen=True, slots=True)
class Person:
    """One invented applicant: what the lender may know, the probability that made the outcome, and the outcome."""

    facts: dict[str, Any]
    probability_of_default: float
    defaulted: bool


def people(count: int, *, seed: int) -> Iterator[Person]:
    """`count` invented applicants; the same seed gives the same people in the same order."""
    for number in range(count):
        yield person(random.Random(f"loanbook-demo:{seed}:{number}"))


def person(draw: random.Random, *, newcomer: bool = False) -> Person:
    """One applicant from one source of chance; a newcomer has no past with us."""
    facts = _facts(draw)
    if newcomer:
        facts |= {"prior_loans_with_us": 0, "relationship_months": 0}
        del facts["prior_max_dpd_with_us"]
    probability = probability_of_default(facts)
    return Person(facts, probability, draw.random() < probability)


def borrower(draw: random.Random) -> Person:
    """One who has borrowed from us for the first time and now borrows again: two in five were a month late or more."""
    facts = person(draw, newcomer=True).facts
    late = draw.choices((0, 3, 12, 40, 70, 95), (42, 10, 8, 14, 14, 12))[0]
    facts |= {"prior_loans_with_us": 1, "prior_max_dpd_with_us": late, "relationship_months": draw.randint(4, 14)}
    probability = probability_of_default(facts)
    return Person(facts, probability, draw.random() < probability)


def probability_of_default(facts: dict[str, Any]) -> float:
    """The process's own probability for these facts: the formula at the top of this module."""
    left = max(facts["income_monthly"] - facts["expenses_monthly"], 1.0)
    burden = facts["requested_amount"] / facts["installments"] / left
    score = (
        -3.9
        + 2.2 * min(burden, 2.0)
        + (1.1 if facts["records"] else 0.0)
        + 0.9 * min(facts["bureau_max_dpd_24m"], 60) / 30
        + 0.22 * min(facts["bureau_inquiries_6m"], 8)
        + 0.18 * min(facts["bureau_open_loans"], 8)
        + 0.7 * min(facts["debts"] / (12 * facts["income_monthly"]), 2.0)
        - 0.7 * min(facts["employment_years"], 10) / 10
        - 0.5 * min(facts["bureau_history_months"], 120) / 120
        - 0.4 * min(facts["prior_loans_with_us"], 3) / 3
        + 1.0 * min(facts.get("prior_max_dpd_with_us") or 0, 90) / 30
        + _EMPLOYMENT[facts["employment_type"]]
        + _HOUSING[facts["home_ownership"]]
    )
    return 1.0 / (1.0 + math.exp(-score))


def write_csv(file: TextIO, *, count: int, seed: int, target: str = "target") -> None:
    """Training data in CSV: one row per invented person, columns named as facts, the outcome last (1 = bad)."""
    writer: Any = None
    for one in people(count, seed=seed):
        row = {**one.facts, target: int(one.defaulted)}
        if writer is None:
            writer = csv.DictWriter(file, list(row), lineterminator="\n")
            writer.writeheader()
        writer.writerow(row)


def _facts(draw: random.Random) -> dict[str, Any]:
    age = min(max(round(draw.gauss(35, 9)), 20), 64)
    income = round(min(max(draw.lognormvariate(math.log(8500), 0.45), 2600), 60000), -2)
    years = round(min(max(draw.expovariate(1 / 4.5), 0.0), age - 18), 1)
    expenses = round(income * min(max(draw.gauss(0.48, 0.13), 0.15), 0.92), -1)
    employment = draw.choices(tuple(_EMPLOYMENT), (58, 14, 16, 9, 3))[0]
    installments = draw.choices(_INSTALLMENTS, (4, 10, 6, 34, 14, 20, 12))[0]
    left = max(income - expenses, 500.0)
    wanted = left * installments * min(max(draw.lognormvariate(math.log(0.33), 0.55), 0.04), 1.6)
    amount = round(min(max(wanted, 1000), 200000), -2)
    troubled = draw.random() < 0.09
    loans_with_us = draw.choices((0, 1, 2, 3, 4), (62, 20, 10, 5, 3))[0]
    assets = round(max(draw.lognormvariate(math.log(income * 9), 1.1) - income * 3, 0), -2)
    debts = round(max(draw.lognormvariate(math.log(income * 2), 1.0) - income, 0), -2)
    return {
        "income_monthly": income,
        "expenses_monthly": expenses,
        "debt_service_monthly": round(debts * REPAID_MONTHLY, -1),
        "assets": assets,
        "debts": debts,
        "requested_amount": amount,
        "installments": installments,
        "purpose": draw.choices(_PURPOSES, (46, 10, 16, 8, 8, 12))[0],
        "employment_type": employment,
        "employment_years": 0.0 if employment == "none" else years,
        "home_ownership": draw.choices(tuple(_HOUSING), (24, 26, 20, 30))[0],
        "residence_years": round(min(draw.expovariate(1 / 6), age), 1),
        "dependants": draw.choices((0, 1, 2, 3), (44, 30, 20, 6))[0],
        "records": draw.random() < (0.45 if troubled else 0.03),
        "bureau_inquiries_6m": _count(draw, 3.2 if troubled else 1.1),
        "bureau_open_loans": _count(draw, 3.0 if troubled else 1.2),
        "bureau_max_dpd_24m": draw.choice((5, 12, 20, 34, 48, 65, 80)) if troubled or draw.random() < 0.05 else 0,
        "bureau_history_months": min(round(draw.expovariate(1 / 55)), (age - 18) * 12),
        "prior_loans_with_us": loans_with_us,
        "prior_max_dpd_with_us": _late_with_us(draw) if loans_with_us else None,
        "relationship_months": loans_with_us * draw.randint(4, 14),
        "age_years": age,
        "sex": draw.choice(("female", "male")),
        "marital_status": draw.choices(("single", "married", "divorced"), (38, 54, 8))[0],
    }


def _late_with_us(draw: random.Random) -> int:
    return draw.choice((3, 6, 15, 32)) if draw.random() < 0.1 else 0


def _count(draw: random.Random, mean: float) -> int:
    """A Poisson count (Knuth's method; means are small)."""
    limit, product, count = math.exp(-mean), draw.random(), 0
    while product > limit:
        product *= draw.random()
        count += 1
    return count
