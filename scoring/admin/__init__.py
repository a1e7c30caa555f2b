"""Scoring on the desk, one module per subject; importing this package registers them all."""

from scoring.admin import fraud, models, monitoring, strategies

__all__ = ["fraud", "models", "monitoring", "strategies"]
