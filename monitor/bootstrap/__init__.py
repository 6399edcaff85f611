"""The composition root: settings become a running application here and nowhere else."""

from __future__ import annotations

from monitor.bootstrap.app import App, build, utc_now

__all__ = ["App", "build", "utc_now"]
