"""Named fault points: places where a test may stop the process to prove that nothing is lost.

`EARSHOT_FAULT="score.committed:3:/path/mark"` kills this process (SIGKILL) the third time it passes
the point `score.committed`, once: the mark is written first, and where it exists nothing happens.
Without the variable a point costs one function call.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Mapping
from pathlib import Path

Fault = Callable[[str], None]

VARIABLE = "EARSHOT_FAULT"


def no_fault(name: str) -> None:
    """Pass the point; nothing happens."""


def from_environment(environ: Mapping[str, str]) -> Fault:
    """Return the fault function that the environment asks for, `no_fault` without it.

    Raises ValueError for anything but "name", "name:count" or "name:count:mark".
    """
    wanted = environ.get(VARIABLE, "")
    if not wanted:
        return no_fault
    name, _, rest = wanted.partition(":")
    count, _, mark = rest.partition(":")
    return _kill_at(name, int(count or "1"), Path(mark) if mark else None)


def _kill_at(wanted: str, count: int, mark: Path | None) -> Fault:
    passed = 0

    def fault(name: str) -> None:
        nonlocal passed
        passed += name == wanted
        if name == wanted and passed == count and _first(mark):
            os.kill(os.getpid(), signal.SIGKILL)

    return fault


def _first(mark: Path | None) -> bool:
    if mark is None:
        return True
    try:
        mark.touch(exist_ok=False)
    except FileExistsError:
        return False
    return True
