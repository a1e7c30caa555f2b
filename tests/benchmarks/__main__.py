"""`python -m tests.benchmarks NAME [NAME ...]` measures and prints JSON; without a name it lists what there is.

Each module of this folder that has a `run() -> dict` is a benchmark by its file name. The answer carries the facts of
the machine, so that a figure is never read without them.
"""

import importlib
import json
import pkgutil
import sys

import tests.benchmarks
from tests.benchmarks.measuring import machine


def names() -> list[str]:
    """Every module here except this one and the helper that measures."""
    found = sorted(info.name for info in pkgutil.iter_modules(tests.benchmarks.__path__))
    return [name for name in found if name not in {"__main__", "measuring"} and not name.startswith("_")]


def main(arguments: list[str]) -> int:
    known = names()
    if not arguments:
        print("\n".join(known))
        return 0
    unknown = [name for name in arguments if name not in known]
    if unknown:
        print(f"No benchmark is named {', '.join(unknown)}. There are: {', '.join(known)}.", file=sys.stderr)
        return 2
    for name in arguments:
        module = importlib.import_module(f"tests.benchmarks.{name}")
        print(json.dumps({"benchmark": name, "machine": machine(), **module.run()}, indent=2, default=str))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
