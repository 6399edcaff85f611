from __future__ import annotations

import gzip
import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from models.evaluate import Labelled, compare, evaluate, read_rows, wilson
from monitor.domain.errors import ConfigError
from monitor.domain.types import Label, ScoreRequest, Sentiment


def _answer(best: str, sureness: float = 0.8, label: str | None = None) -> Sentiment:
    rest = (1 - sureness) / 2
    probs = {name: sureness if name == best else rest for name in ("neg", "neu", "pos")}
    return Sentiment(label=Label(label or best), probs=probs, lang="hu", model="m")


def _row(label: str, lang: str = "hu", domain: str = "review") -> Labelled:
    return Labelled(text="x", label=label, lang=lang, domain=domain)


class _Parrot:
    """Answers with the text itself."""

    model = "parrot-1"

    def score(self, requests: Sequence[ScoreRequest]) -> list[Sentiment]:
        return [_answer(request.text) for request in requests]

    def close(self) -> None:
        """Nothing to free."""


def test_wilson_is_the_known_interval():
    share = wilson(8, 10)
    assert (round(share.low, 3), round(share.high, 3)) == (0.490, 0.943)
    assert wilson(0, 0).n == 0
    assert wilson(0, 10).low == 0


def test_figures_by_hand():
    rows = [_row("neg"), _row("neg"), _row("pos"), _row("pos"), _row("neu"), _row("mix")]
    answers = [_answer(best) for best in ("neg", "pos", "pos", "neg", "neu", "neu")]
    found = compare("m", rows, answers).groups["all"]
    assert (found.rows, found.mixed, found.two_class) == (5, 1, False)
    assert found.accuracy.value == pytest.approx(0.6)
    assert found.macro_f1 == pytest.approx((0.5 + 0.5 + 1) / 3)
    assert found.precision["neg"].value == 0.5
    assert found.recall["neu"].value == 1
    assert found.calibration_error == pytest.approx(0.2)
    assert found.positive_called_negative.value == 0.5
    assert found.confusion["pos"] == {"neg": 1, "neu": 0, "pos": 1}


def test_unsure_is_counted_but_hides_nothing():
    rows = [_row("neg"), _row("pos")]
    answers = [_answer("neg", 0.4, "unsure"), _answer("pos")]
    found = compare("m", rows, answers).groups["all"]
    assert found.unsure.value == 0.5
    assert found.accuracy.value == 1


def test_sets_without_neutral_are_read_as_two_classes():
    found = compare("m", [_row("neg"), _row("pos")], [_answer("neu"), _answer("pos")])
    assert found.groups["all"].two_class
    assert set(found.groups["all"].recall) == {"neg", "pos"}


def test_groups_by_language_and_domain():
    rows = [_row("neg"), _row("pos", "lv", "social"), _row("pos", "lv", "")]
    report = compare("m", rows, [_answer("neg")] * 3)
    assert list(report.groups) == ["all", "hu", "hu review", "lv", "lv social"]
    assert json.loads(report.as_json())["groups"]["lv"]["rows"] == 2


def test_asks_the_engine_in_order():
    rows = [Labelled(text=name, label=name, lang="hu") for name in ("neg", "pos", "neu")]
    report = evaluate(_Parrot(), rows)
    assert report.model == "parrot-1"
    assert report.groups["hu"].accuracy.value == 1


def test_no_rows_are_no_report():
    with pytest.raises(ConfigError, match="no labelled rows"):
        evaluate(_Parrot(), [])


def test_reads_json_lines_packed_or_not(tmp_path: Path):
    line = json.dumps({"text": "jó", "label": "pos", "lang": "hu", "target": "X"}) + "\n\n"
    (tmp_path / "a.jsonl").write_text(line)
    (tmp_path / "a.jsonl.gz").write_bytes(gzip.compress(line.encode()))
    wanted = [Labelled(text="jó", label="pos", lang="hu", target="X")]
    assert read_rows(tmp_path / "a.jsonl") == wanted
    assert read_rows(tmp_path / "a.jsonl.gz") == wanted


def test_reads_the_projects_own_columns(tmp_path: Path):
    path = tmp_path / "lv-x.tsv"
    path.write_text("Talora\treview\tmix\t3\tpraise\t-\t-\tn\tLabi, bet dārgi.\n")
    assert read_rows(path) == [
        Labelled(text="Labi, bet dārgi.", label="mix", lang="lv", domain="review", target="Talora")
    ]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.jsonl", '{"text": "x", "label": "pos", "lang": "hu"}\n{"text": 1'),
        ("a.jsonl", '\n{"text": "x", "label": "good", "lang": "hu"}'),
        ("a.jsonl", "\n[1]"),
        ("hu.tsv", "\nonly two\tcolumns"),
    ],
)
def test_a_bad_line_is_named(tmp_path: Path, name: str, content: str):
    (tmp_path / name).write_text(content)
    with pytest.raises(ConfigError, match=rf"{name}, line 2"):
        read_rows(tmp_path / name)


def test_a_file_that_is_not_there_or_not_packed_is_named(tmp_path: Path):
    (tmp_path / "b.jsonl.gz").write_bytes(b"not packed")
    for name in ("missing.jsonl", "b.jsonl.gz"):
        with pytest.raises(ConfigError, match=name):
            read_rows(tmp_path / name)
