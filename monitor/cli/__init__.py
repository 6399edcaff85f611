"""The command `earshot`. Each file in this folder is a command, found by name, imported when used.

Exit codes: 0 done, 1 failed, 2 wrong use. A failure on purpose is one clear sentence on standard
error; a traceback is shown only with EARSHOT_DEBUG=1.
"""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Mapping, Sequence

__all__ = ["main", "run"]


def main() -> None:
    """Run the command line of this process and exit."""
    sys.exit(run(sys.argv[1:], os.environ))


def run(arguments: Sequence[str], environ: Mapping[str, str]) -> int:
    """Run one command and return its exit code."""
    from monitor.cli._commands import build  # noqa: PLC0415 - typer only when a command is run
    from monitor.domain.errors import EarshotError  # noqa: PLC0415 - as above

    try:
        build(environ).main(list(arguments), prog_name="earshot")
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 1
    except EarshotError as error:
        return _fail(str(error), environ)
    except Exception as error:  # noqa: BLE001 - the last resort: no traceback for the user
        hint = "EARSHOT_DEBUG=1 shows where."
        return _fail(f"Unexpected {type(error).__name__}: {error}. {hint}", environ)
    return 0


def _fail(sentence: str, environ: Mapping[str, str]) -> int:
    from monitor.logs import hide_secrets  # noqa: PLC0415 - structlog only when something failed

    if environ.get("EARSHOT_DEBUG", "") not in ("", "0"):
        sys.stderr.write(hide_secrets(traceback.format_exc()))
    sys.stderr.write(f"{hide_secrets(sentence)}\n")
    return 1
