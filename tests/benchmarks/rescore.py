"""The whole book scored again: rows per second beside the bare library's predict on a matrix that stands ready.

The book is a CSV of facts (LOANBOOK_RESCORE_ROWS rows, default 1,000,000; the demo's invented people, repeated): read,
turned into features, scored, and written again with probability, points and band, by `scoring.rescoring`. The bare rate
is LightGBM's own predict for the same trees, one thread, in one call on a ready array of floats: no reading, no features,
no writing. Each algorithm runs in a process of its own; memory is the most it ever held, beside what it held before the
first row, and is measured at a tenth of the rows too: memory that is bounded is the same at both.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
ROWS = int(os.environ.get("LOANBOOK_RESCORE_ROWS", "1000000"))
DISTINCT = 20_000
ALGORITHMS = ("scorecard", "boosting", "blend")
GOAL = 0.5


def run() -> dict[str, Any]:
    wanted = os.environ.get("LOANBOOK_RESCORE_ALGORITHMS", ",".join(ALGORITHMS)).split(",")
    with tempfile.TemporaryDirectory(prefix="loanbook-rescore-") as folder:
        whole, tenth = Path(folder) / "book.csv", Path(folder) / "tenth.csv"
        _write_book(whole, ROWS)
        _write_book(tenth, ROWS // 10)
        found = {}
        for algorithm in wanted:
            small, large = _in_own_process(algorithm, tenth), _in_own_process(algorithm, whole)
            large["peak_mb_at_a_tenth"] = small["peak_mb"]
            found[algorithm] = large
    return {"rows": ROWS, "algorithms": found, "goal": f"at least {GOAL} of the bare predict's rate, memory bounded"}


def _write_book(path: Path, rows: int) -> None:
    import io

    from scoring import demo_process

    file = io.StringIO()
    demo_process.write_csv(file, count=min(rows, DISTINCT), seed=11)
    header, *lines = file.getvalue().splitlines(keepends=True)
    body = "".join(lines)
    with path.open("w", encoding="utf-8") as target:
        target.write(header)
        for _ in range(rows // len(lines)):
            target.write(body)
        target.writelines(lines[: rows % len(lines)])


def _in_own_process(algorithm: str, book: Path) -> dict[str, Any]:
    asked = [sys.executable, "-m", "tests.benchmarks.rescore", algorithm, str(book)]
    surroundings = {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    answer = subprocess.run(asked, cwd=ROOT, env=surroundings, stdout=subprocess.PIPE, check=True, text=True)
    found: dict[str, Any] = json.loads(answer.stdout.splitlines()[-1])
    return found


def _measure(algorithm: str, book: Path) -> dict[str, Any]:
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    django.setup()
    from scoring.mapping import identity
    from scoring.rescoring import rescore_csv

    model = _model(algorithm)
    with book.open(encoding="utf-8", newline="") as file:
        mapping = identity(file.readline().strip().split(","))
        file.seek(0)
        before = _held_mb()
        started_cpu, started = time.process_time(), time.perf_counter()
        with (book.parent / "scored.csv").open("w", encoding="utf-8", newline="") as target:
            rows = rescore_csv(model, file, target, mapping)
        seconds, cpu = time.perf_counter() - started, time.process_time() - started_cpu
    peak = _peak_mb()
    bare, rival = _bare(model, book, rows)
    return {
        "rows": rows,
        "rows_per_second": round(rows / seconds),
        "rows_per_cpu_second": round(rows / cpu),
        "bare_predict_of": rival,
        "bare_rows_per_cpu_second": round(rows / bare),
        "ratio": round(bare / cpu, 3),
        "reached": bare / cpu >= GOAL,
        "held_before_mb": before,
        "peak_mb": peak,
    }


def _model(algorithm: str) -> Any:
    import io

    from scoring import demo_process
    from scoring.learning.training import train
    from scoring.training import read_table

    file = io.StringIO()
    demo_process.write_csv(file, count=4000, seed=7)
    table = read_table(file.getvalue().encode(), target="target", source="demo.csv")[0]
    return train(table, algorithm=algorithm).model


def _bare(model: Any, book: Path, rows: int) -> tuple[float, str]:
    """Processor seconds of LightGBM's predict alone (a scorecard has no trees: those of `boosting` stand in)."""
    import csv
    import itertools

    import numpy as np

    from scoring.learning.booster import Booster
    from scoring.learning.deriving import expand_values
    from scoring.mapping import identity
    from scoring.rescoring import values_of

    rival = model if any(isinstance(part, Booster) for _share, part in model.parts) else _model("boosting")
    booster = next(part for _share, part in rival.parts if isinstance(part, Booster))
    with book.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        facts_of = identity(list(reader.fieldnames or ())).facts_of
        sample = [facts_of(row) for row in itertools.islice(reader, DISTINCT)]
    matrix = booster.matrix(expand_values(values_of(rival, sample), rival.derived))
    ready = np.tile(matrix, (rows // len(matrix) + 1, 1))[:rows]
    started = time.process_time()
    for tree in booster._models:
        tree.predict(ready, raw_score=True, num_threads=1)
    return time.process_time() - started, f"LightGBM, {sum(tree.num_trees() for tree in booster._models)} trees"


def _held_mb() -> float:
    with open("/proc/self/statm") as file:
        return round(int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6, 1)


def _peak_mb() -> float:
    import resource

    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6, 1)


if __name__ == "__main__":
    print(json.dumps(_measure(sys.argv[1], Path(sys.argv[2]))))
