"""Changes one key of earshot.toml and leaves everything else as the person wrote it."""

from __future__ import annotations

import re

from monitor.settings.locate import lines_of


def with_engine(document: str, engine: str) -> str:
    """Return the document with `engine` in `[model]`; the table is added if it is missing."""
    wanted = f'engine = "{engine}"'
    found = lines_of(document.replace("\r\n", "\n"))
    lines = document.splitlines(keepends=True)
    if ("model", "engine") in found:
        at = found["model", "engine"] - 1
        lines[at] = re.sub(r"engine\"?\s*=\s*(\"[^\"]*\"|'[^']*')", wanted, lines[at], count=1)
        return "".join(lines)
    if ("model",) in found:
        lines.insert(found["model",], f"{wanted}\n")
        return "".join(lines)
    gap = "" if not document or document.endswith("\n") else "\n"
    return f"{document}{gap}\n[model]\n{wanted}\n"
