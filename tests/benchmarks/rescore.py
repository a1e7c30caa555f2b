"""The whole book scored again: rows per second beside the bare library's predict on a matrix that stands ready.

The book is a CSV of facts (LOANBOOK_RESCORE_ROWS rows, default 1,000,000; the demo's invented people, repeated): read,
turned into features, scored, and written again with probability, points and band, by `scoring.rescoring` in one call.
The bare rate is that of the model's own parts on ready arrays of floats: LightGBM's predict for the same trees, and for a
blend the matrix product of its smooth part; no reading, no features, no writing, no memory to find. Both go by the
processor's clock, on one thread, and take turns: after every 100,000 rows rescored as many are predicted bare, in one call
for each of LightGBM's models. Each algorithm (LOANBOOK_RESCORE_ALGORITHMS, default all three) runs in a process of its own;
memory is the most it ever held, beside what it held before the first row, and is measured at a tenth of the rows too:
memory that is bounded is the same at both.
"""

import csv
import itertools
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).parents[2]
ROWS = int(os.environ.get("LOANBOOK_RESCORE_ROWS", "1000000"))
DISTINCT = 20_000
TURN = 100_000
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
    bare = _Bare(model, book)
    with book.open(encoding="utf-8", newline="") as file:
        mapping = identity(file.readline().strip().split(","))
        file.seek(0)
        before = _held_mb()
        started_cpu, started = time.process_time(), time.perf_counter()
        with (book.parent / "scored.csv").open("w", encoding="utf-8", newline="") as target:
            rows = rescore_csv(model, bare.in_turns(file), target, mapping)
        seconds = time.perf_counter() - started - bare.seconds
        cpu = time.process_time() - started_cpu - bare.cpu
    return {
        "rows": rows,
        "rows_per_second": round(rows / seconds),
        "rows_per_cpu_second": round(rows / cpu),
        "bare_predict_of": bare.name,
        "bare_rows_per_cpu_second": round(bare.rows / bare.cpu),
        "ratio": round(bare.cpu / bare.rows * rows / cpu, 3),
        "reached": bare.cpu / bare.rows * rows / cpu >= GOAL,
        "held_before_mb": before,
        "peak_mb": _peak_mb(),
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


class _Bare:
    """The parts' own predict on ready arrays (a scorecard has no library of its own: the trees of `boosting` stand in)."""

    def __init__(self, model: Any, book: Path) -> None:
        from scoring.learning.booster import Booster
        from scoring.learning.deriving import expand_values
        from scoring.learning.sentinels import without
        from scoring.mapping import identity
        from scoring.rescoring import values_of

        rival = model if model.has_trees else _model("boosting")
        with book.open(encoding="utf-8", newline="") as file:
            reader = csv.DictReader(file)
            facts_of = identity(list(reader.fieldnames or ())).facts_of
            sample = [facts_of(row) for row in itertools.islice(reader, DISTINCT)]
        values = expand_values(without(values_of(rival, sample), rival.sentinels), rival.derived)
        times = -(-TURN // len(sample))
        self.ready = [(part, np.tile(part.matrix(values), (times, 1))[:TURN]) for _share, part in rival.parts]
        trees = sum(model.num_trees() for part, _x in self.ready if isinstance(part, Booster) for model in part._models)
        inputs = sum(x.shape[1] for part, x in self.ready if not isinstance(part, Booster))
        self.name = f"LightGBM, {trees} trees" + (f", and a form of {inputs} inputs" if inputs else "")
        self.rows, self.cpu, self.seconds = 0, 0.0, 0.0

    def in_turns(self, lines: Iterator[str]) -> Iterator[str]:
        """The lines of the book; whenever a turn of them is done, and at their end, as many rows are predicted bare."""
        since = -1  # the header is no row
        for line in lines:
            yield line
            since += 1
            if since == TURN:
                self._predict(since)
                since = 0
        self._predict(max(since, 0))

    def _predict(self, rows: int) -> None:
        started_cpu, started = time.process_time(), time.perf_counter()
        for part, ready in self.ready:
            if hasattr(part, "_models"):
                for trees in part._models:
                    trees.predict(ready[:rows], raw_score=True, num_threads=1)
            else:
                single, pair = part._weights
                x = ready[:rows]
                x @ single + np.einsum("ij,ij->i", x @ pair, x)
        self.cpu += time.process_time() - started_cpu
        self.seconds += time.perf_counter() - started
        self.rows += rows


def _held_mb() -> float:
    with open("/proc/self/statm") as file:
        return round(int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6, 1)


def _peak_mb() -> float:
    import resource

    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6, 1)


if __name__ == "__main__":
    print(json.dumps(_measure(sys.argv[1], Path(sys.argv[2]))))
