"""The command line, run in this process in a folder of its own, with the twin engine."""

import json
import logging
from dataclasses import dataclass
from pathlib import Path

import pytest
import structlog

from monitor.cli import run

PLUGINS = Path(__file__).parents[1] / "twins" / "plugins"
CONFIG = """\
[[brands]]
name = "Acme"

[model]
engine = "twin"

[network]
contact = "https://acme.example/bot"
"""


@dataclass
class Answer:
    code: int
    out: str
    err: str

    @property
    def json(self):
        return json.loads(self.out)

    @property
    def lines(self):
        return [json.loads(line) for line in self.out.splitlines()]


@pytest.fixture
def earshot(tmp_path, monkeypatch, capfdbinary):
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(PLUGINS)
    monkeypatch.setenv("COLUMNS", "200")
    Path("earshot.toml").write_text(CONFIG, encoding="utf-8")
    root = logging.getLogger()
    before = root.handlers[:], root.level

    def earshot(*arguments, **environ):
        capfdbinary.readouterr()
        code = run([str(one) for one in arguments], environ)
        out, err = capfdbinary.readouterr()
        return Answer(code, out.decode("utf-8"), err.decode("utf-8"))

    yield earshot
    root.handlers[:], root.level = before
    logging.captureWarnings(capture=False)
    structlog.reset_defaults()


@pytest.fixture
def standard_input(monkeypatch, tmp_path):
    """Puts bytes on standard input."""
    opened = []

    def put(data):
        path = tmp_path / "standard-input"
        path.write_bytes(data)
        stream = path.open(encoding="utf-8")
        opened.append(stream)
        monkeypatch.setattr("sys.stdin", stream)

    yield put
    for stream in opened:
        stream.close()
