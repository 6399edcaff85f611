"""Damaged, missing and swapped models are refused with a sentence that says why."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from models import bundle, selfcheck
from models.engines import embedded
from monitor.domain.errors import EngineError
from monitor.domain.types import ScoreRequest

LIMIT = 40_000_000


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    return Path(shutil.copytree(bundle.newest(), tmp_path / "model"))


def _change(folder: Path, **values: object) -> None:
    path = folder / bundle.CONFIG
    path.write_text(json.dumps({**json.loads(path.read_text()), **values}))


def test_what_ships_is_small_and_loads():
    found = bundle.load(bundle.newest())
    assert set(found.languages) == {"en", "de", "hu", "lv", "zh"}
    assert sum(path.stat().st_size for path in found.folder.iterdir()) < LIMIT


def test_there_are_plain_sentences_in_every_language():
    langs = [lang for lang, _, _ in selfcheck.SENTENCES]
    assert len(langs) >= 25
    assert {langs.count(lang) for lang in set(langs)} == {6}


@pytest.mark.parametrize("labels", [["pos", "neu", "neg"], ["neu", "neg", "pos"]])
def test_swapped_labels_are_refused(copied: Path, labels: list[str]):
    found = json.loads((copied / bundle.CONFIG).read_text())
    plain = {lang: {**entry, "polar": 0.0} for lang, entry in found["calibrations"].items()}
    _change(copied, labels=labels, calibrations=plain)
    with pytest.raises(EngineError, match="labels swapped"):
        embedded.build({"path": str(copied), "threads": 1})


@pytest.mark.parametrize("name", ["model.onnx", "tokenizer.json", "lexical.npz"])
def test_a_changed_file_is_refused(copied: Path, name: str):
    content = bytearray((copied / name).read_bytes())
    content[len(content) // 2] ^= 0xFF
    (copied / name).write_bytes(content)
    with pytest.raises(EngineError, match=f"{name}.*SHA-256"):
        bundle.load(copied)


def test_a_truncated_file_is_refused(copied: Path):
    path = copied / "model.onnx"
    path.write_bytes(path.read_bytes()[:1000])
    with pytest.raises(EngineError, match="damaged"):
        embedded.build({"path": str(copied)})


@pytest.mark.parametrize("name", ["model.onnx", "tokenizer.json", "lexical.npz", "config.json"])
def test_a_missing_file_is_named(copied: Path, name: str):
    (copied / name).unlink()
    with pytest.raises(EngineError, match=name):
        embedded.build({"path": str(copied)})


@pytest.mark.parametrize("name", ["model.onnx", "tokenizer.json", "lexical.npz"])
def test_rubbish_with_the_right_hash_is_refused(copied: Path, name: str):
    (copied / name).write_bytes(b"rubbish")
    files = json.loads((copied / bundle.CONFIG).read_text())["files"]
    _change(copied, files={**files, name: bundle.digest(copied / name)})
    with pytest.raises(EngineError, match=name):
        embedded.build({"path": str(copied)})


@pytest.mark.parametrize(
    "content", ["", "[]", "{}", '{"labels": 1}', '{"labels": ["a"], "files": {}}', "\x00"]
)
def test_a_damaged_configuration_is_refused(copied: Path, content: str):
    (copied / bundle.CONFIG).write_text(content)
    with pytest.raises(EngineError, match=r"config\.json"):
        bundle.load(copied)


def test_no_weights_at_all(tmp_path: Path):
    with pytest.raises(EngineError, match="No sentiment model"):
        bundle.newest(tmp_path)


def test_windows_of_a_long_text_are_all_read():
    engine = embedded.build({"threads": 1, "check": False})
    filler = "The table is by the window and the chair is next to it. " * 40
    praise = filler + "Everything was wonderful, fantastic, excellent, we loved it! " * 20
    blame = filler + "Everything was awful, terrible, disgusting, we hated it! " * 20
    good, bad = engine.score([ScoreRequest(text=praise), ScoreRequest(text=blame)])
    engine.close()
    assert good.probs["pos"] > bad.probs["pos"]
    assert bad.probs["neg"] > good.probs["neg"]
