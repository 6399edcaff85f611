"""Run the measurements: `python -m tests.bench [NAME …]`, NAME as in bench_NAME.py.

Every bench_*.py has `main() -> None`, which prints its table. All run one after the other, because
they would disturb each other.
"""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path


def names() -> list[str]:
    return sorted(
        path.stem.removeprefix("bench_") for path in Path(__file__).parent.glob("bench_*")
    )


def main(wanted: list[str]) -> int:
    unknown = sorted(set(wanted) - set(names()))
    if unknown:
        sys.stderr.write(f"There is no {', '.join(unknown)}; there is {', '.join(names())}.\n")
        return 2
    for name in wanted or names():
        sys.stdout.write(f"\n## {name}\n")
        sys.stdout.flush()
        import_module(f"tests.bench.bench_{name}").main()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
