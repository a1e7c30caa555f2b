"""Timing that survives a busy machine: processor time, rivals taking turns, medians, and the facts named."""

import gc
import os
import platform
import statistics
import sys
import time
from collections.abc import Callable, Mapping
from typing import Any


def machine() -> dict[str, Any]:
    """What the figures were measured on."""
    return {
        "cpus": os.cpu_count(),
        "load_1_minute": round(os.getloadavg()[0], 2),
        "machine": platform.machine(),
        "python": platform.python_version(),
        "implementation": sys.implementation.name,
    }


def median_seconds(
    rivals: Mapping[str, Callable[[], object]], *, repetitions: int = 9, at_least_seconds: float = 0.02
) -> dict[str, float]:
    """Median processor seconds for one call of each rival; on an idle machine those are the seconds of a clock.

    Every rival is warmed up and given enough calls to fill `at_least_seconds`; then they take turns, so that a slow
    moment of the machine falls on all of them alike.
    """
    calls = {name: _calls_to_fill(call, at_least_seconds) for name, call in rivals.items()}
    taken: dict[str, list[float]] = {name: [] for name in rivals}
    for _ in range(repetitions):
        for name, call in rivals.items():
            taken[name].append(_timed(call, calls[name]) / calls[name])
    return {name: statistics.median(times) for name, times in taken.items()}


def _calls_to_fill(call: Callable[[], object], seconds: float) -> int:
    calls = 1
    while (taken := _timed(call, calls)) < seconds:
        calls = max(calls + 1, int(calls * min(10.0, 1.2 * seconds / max(taken, 1e-9))))
    return calls


def _timed(call: Callable[[], object], times: int) -> float:
    collecting = gc.isenabled()
    gc.disable()
    try:
        started = time.process_time()
        for _ in range(times):
            call()
        return time.process_time() - started
    finally:
        if collecting:
            gc.enable()
