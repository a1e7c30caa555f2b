"""Declared features and the pure functions that compute them from facts. No Django in here."""

from scoring.features.computing import Value, compute, compute_named, compute_one
from scoring.features.declared import Family, Feature, Kind, Text
from scoring.features.registry import REGISTRY, protected, usable

__all__ = [
    "REGISTRY",
    "Family",
    "Feature",
    "Kind",
    "Text",
    "Value",
    "compute",
    "compute_named",
    "compute_one",
    "protected",
    "usable",
]
