"""The lender's own settings, with one more page beside its own: a view that writes a single row."""

from lending.settings import *  # noqa: F403

ROOT_URLCONF = "tests.benchmarks._decide_urls"
