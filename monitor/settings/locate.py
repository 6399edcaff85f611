"""Where each key of a TOML document stands: `tomllib` reads values but tells no lines.

The scanner trusts that the document is valid (tomllib has read it before) and only tracks names,
nesting and line breaks.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, field

Path = tuple[str | int, ...]

_BLANK = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_SPACE = re.compile(r"[ \t]*")
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_BASIC = re.compile(r'"((?:[^"\\\n]|\\.)*)"')
_LITERAL = re.compile(r"'([^'\n]*)'")
_LONG = re.compile(
    r'"""(?:[^\\]|\\.)*?"{3,5}' r"|'''.*?'{3,5}",
    re.DOTALL,
)
_SCALAR = re.compile(r"[^,\]}#\r\n]+")


def lines_of(document: str) -> dict[Path, int]:
    """Map every key path to its line, counted from 1.

    Elements of arrays have integer parts: ("sources", 1, "url"). A table has the line of its
    header, or of the first dotted key that mentions it.
    """
    return _Scanner(document).scan()


@dataclass(slots=True)
class _Scanner:
    document: str
    at: int = 0
    lines: dict[Path, int] = field(default_factory=dict)
    counts: defaultdict[Path, int] = field(default_factory=lambda: defaultdict(int))
    """How many elements each array of tables has so far."""

    def scan(self) -> dict[Path, int]:
        table: Path = ()
        self._take(_BLANK)
        while self.at < len(self.document):
            if self.document[self.at] == "[":
                table = self._header()
            else:
                self._pair(table)
            self._take(_BLANK)
        return self.lines

    def _take(self, pattern: re.Pattern[str]) -> str:
        found = pattern.match(self.document, self.at)
        self.at = found.end() if found else self.at
        return found.group() if found else ""

    def _here(self) -> int:
        return self.document.count("\n", 0, self.at) + 1

    def _note(self, path: Path, line: int) -> None:
        for length in range(1, len(path) + 1):
            self.lines.setdefault(path[:length], line)

    def _header(self) -> Path:
        line = self._here()
        is_array = self.document.startswith("[[", self.at)
        self.at += 2 if is_array else 1
        path = self._inside_arrays(self._key())
        self.at = self.document.index("]]" if is_array else "]", self.at) + 1 + is_array
        if is_array:
            self.counts[path] += 1
            path = (*path, self.counts[path] - 1)
        self._note(path, line)
        return path

    def _inside_arrays(self, names: list[str]) -> Path:
        """Say which element a header means: [sources.options] belongs to the last source."""
        path: Path = ()
        for name in names[:-1]:
            path = (*path, name)
            path = (*path, self.counts[path] - 1) if path in self.counts else path
        return (*path, names[-1])

    def _pair(self, table: Path) -> None:
        line = self._here()
        path = (*table, *self._key())
        self._note(path, line)
        self.at = self.document.index("=", self.at) + 1
        self._value(path)

    def _key(self) -> list[str]:
        names: list[str] = []
        while True:
            self._take(_SPACE)
            names.append(self._name())
            self._take(_SPACE)
            if not self.document.startswith(".", self.at):
                return names
            self.at += 1

    def _name(self) -> str:
        for pattern in (_BASIC, _LITERAL):
            found = pattern.match(self.document, self.at)
            if found:
                self.at = found.end()
                return found[1]
        return self._take(_BARE_KEY)

    def _value(self, path: Path) -> None:
        self._take(_SPACE)
        if self.document.startswith(('"""', "'''"), self.at):
            self._take(_LONG)
        elif self.document[self.at] in "\"'":
            self._name()
        elif self.document[self.at] == "[":
            self._array(path)
        elif self.document[self.at] == "{":
            self._inline_table(path)
        else:
            self._take(_SCALAR)

    def _array(self, path: Path) -> None:
        self.at += 1
        index = 0
        while not self._closes("]"):
            self._note((*path, index), self._here())
            self._value((*path, index))
            index += 1

    def _inline_table(self, path: Path) -> None:
        self.at += 1
        while not self._closes("}"):
            self._pair(path)

    def _closes(self, bracket: str) -> bool:
        """Step over blanks and a comma; tell whether the bracket ends here, and pass it."""
        self._take(_BLANK)
        if self.document.startswith(",", self.at):
            self.at += 1
            self._take(_BLANK)
        if self.document.startswith(bracket, self.at):
            self.at += 1
            return True
        return False
