import io
import json

import pytest

from monitor.cli._lines import LONGEST_LINE, read_lines, score_lines
from monitor.domain.errors import BadItem
from tests.twins.plugins.earshot_twin_engine import TwinEngine


def as_input(*objects):
    return "".join(json.dumps(one, ensure_ascii=False) + "\n" for one in objects).encode()


TEXTS = ["Great [item 1]", "Schlecht [item 2] 😡", "Rossz, árvíztűrő [item 4]", "Ļoti slikti [item 6]", "很好 [item 3]"]  # fmt: skip  # noqa: E501 - one text per language
WANTED = ["pos", "neg", "neg", "neg", "pos"]


def test_answers_every_line_in_order(earshot, standard_input):
    standard_input(as_input(*({"text": text, "target": None} for text in TEXTS)))
    answer = earshot("score", "--jsonl")
    assert answer.code == 0
    assert [line["label"] for line in answer.lines] == WANTED
    keys = {
        "label",
        "probs",
        "lang",
        "stars",
        "intents",
        "risks",
        "aspects",
        "needs_reply",
        "model",
    }
    assert keys <= answer.lines[0].keys()


def test_reads_a_file_with_byte_order_mark(earshot, tmp_path):
    file = tmp_path / "texts.jsonl"
    file.write_bytes(b"\xef\xbb\xbf" + as_input({"text": TEXTS[1]}))
    assert earshot("score", "--jsonl", file).lines[0]["label"] == "neg"


def test_a_bad_line_has_its_place_and_its_number(earshot, standard_input):
    bad = [b"not json\n", b'["text"]\n', b'{"txt": "a"}\n', b'{"text": 3}\n', b"\n"]
    bad += [b'{"text": "a", "lang": 5}\n', b'{"text": "\xff"}\n', b"[" * 100_000 + b"\n"]
    standard_input(as_input({"text": TEXTS[0]}) + b"".join(bad) + as_input({"text": TEXTS[1]}))
    answer = earshot("score", "--jsonl", "--batch", 3)
    assert answer.code == 1
    assert [line.get("label", "bad") for line in answer.lines] == [
        "pos",
        *["bad"] * len(bad),
        "neg",
    ]
    assert "line 2: is not JSON (column 1)" in answer.err
    assert "line 8: is not UTF-8 text" in answer.err
    assert len(answer.err.splitlines()) == len(bad)


def test_a_file_that_cannot_be_read_is_named(earshot):
    answer = earshot("score", "--jsonl", "nowhere.jsonl")
    assert answer.code == 1
    assert "nowhere.jsonl" in answer.err


def test_memory_stays_bounded(capfd):
    class Endless(io.RawIOBase):
        reads = 0

        def readline(self, size=-1, /):
            self.reads += 1
            assert self.reads < 100, "read ahead without answering"
            return as_input({"text": "Great [item 1]"})

    class Stop(Exception):
        pass

    class Impatient(TwinEngine):
        def score(self, requests):
            assert len(requests) <= 10
            raise Stop

    with pytest.raises(Stop):
        score_lines(Impatient(), Endless(), 10)


def test_a_line_without_an_end_is_refused_and_passed_over():
    stream = io.BytesIO(b'{"text": "' + b"a" * (LONGEST_LINE * 2) + b'"}\n{"text": "b"}\n')
    (first, fault), (second, request) = read_lines(stream)
    assert (first, second) == (1, 2)
    assert isinstance(fault, BadItem)
    assert request.text == "b"


def test_scores_what_is_stored(earshot, tmp_path):
    (tmp_path / "r.csv").write_text("text\nGreat [item 1]\nBad [item 2]\n", encoding="utf-8")
    earshot("import", "r.csv", "--alert")
    assert earshot("score", "--json").json == {"scored": 2}
    assert earshot("score").out == "Scored 0 mentions.\n"
    assert len(earshot("tasks", "--json").json) == 1
