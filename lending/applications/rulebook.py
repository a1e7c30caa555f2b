"""The rules in force for what is applied for: read once for every decision, and handed on to all who check by them."""

import datetime

from lending.applications.in_force import in_force
from lending.products.models import ProductVersion
from lending.regulation.checks import RuleBook


def rulebook(version: ProductVersion, *, on: datetime.date) -> RuleBook:
    """Every rule in force on a day for a product, by code."""
    return in_force(on).rules(version)
