"""How many processor cores this process may use."""

from __future__ import annotations

import os


def usable() -> int:
    """Return the number of cores, at least 1, also where the system has no affinity."""
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity else os.cpu_count() or 1
