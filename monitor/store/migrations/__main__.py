"""Draft the next revision: `python -m monitor.store.migrations 0002 "Add a column."`.

Compares the tables in the code with an empty database migrated to the newest revision.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from monitor.store.migrate import draft


def main() -> None:
    """Write the draft beside the other revisions, to be read and corrected by a person."""
    number, message = sys.argv[1:]
    with tempfile.TemporaryDirectory() as folder:
        draft(f"sqlite:///{Path(folder) / 'empty.db'}", number, message)


if __name__ == "__main__":
    main()
