"""Named fault points: places where a test may stop the process to prove that nothing is lost.

`EARSHOT_FAULT="score.saved:3"` kills this process (SIGKILL) the third time it passes the point
`score.saved`. Without the variable a point costs one function call.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Mapping

Fault = Callable[[str], None]

VARIABLE = "EARSHOT_FAULT"


def no_fault(name: str) -> None:
    """Pass the point; nothing happens."""


def from_environment(environ: Mapping[str, str]) -> Fault:
    """Return the fault function that the environment asks for, `no_fault` without it.

    Raises ValueError for anything but "name" or "name:count".
    """
    wanted = environ.get(VARIABLE, "")
    if not wanted:
        return no_fault
    name, _, count = wanted.partition(":")
    return _kill_at(name, int(count or "1"))


def _kill_at(wanted: str, count: int) -> Fault:
    passed = 0

    def fault(name: str) -> None:
        nonlocal passed
        passed += name == wanted
        if name == wanted and passed == count:
            os.kill(os.getpid(), signal.SIGKILL)

    return fault
