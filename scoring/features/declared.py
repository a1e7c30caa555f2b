"""What a feature declares about itself, once, before any model may use it.

A feature is computed from the facts of one moment (see `computing`), carries its own name in both languages, says
which way it is expected to move risk, and brings the sentences that may be told to the person it speaks about.
"""

from dataclasses import dataclass
from enum import StrEnum


class Family(StrEnum):
    """The families of facts a lender may ask about; the last needs a consent of its own and is off until given."""

    IDENTITY_INCOME = "identity_income"
    CREDIT_HISTORY = "credit_history"
    BEHAVIOUR = "behaviour"
    DEVICE_TRANSACTION = "device_transaction"


class Kind(StrEnum):
    NUMBER = "number"
    CATEGORY = "category"
    FLAG = "flag"


@dataclass(frozen=True, slots=True)
class Text:
    """One sentence in both languages of the house."""

    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Feature:
    """One declared feature.

    `direction` is the expected effect of a higher value on risk: +1 riskier, -1 safer, 0 not declared (categories, or
    numbers whose effect may bend). `least`/`most` bound the values that make sense: outside them the value is treated
    as missing, because a sentinel such as 99999999 is not a measurement. `against` is told when the feature spoke
    against the applicant, `in_favour` when it spoke for her.
    """

    name: str
    label: Text
    family: Family
    kind: Kind
    unit: str
    against: Text
    in_favour: Text
    direction: int = 0
    least: float | None = None
    most: float | None = None
    protected: bool = False
    theme: str = ""

    @property
    def reason_theme(self) -> str:
        """Features of one theme (income and residual income) give one reason, not two."""
        return self.theme or self.name
