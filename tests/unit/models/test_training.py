"""The parts of training that need no torch."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import numpy as np
import pytest

from models import heads
from models.ngrams import counted, normed, table_size
from models.training import __main__ as command
from models.training import augment, batches, card, labels, manifest, readers, recipe
from models.training.readers import Row
from monitor.domain.errors import ConfigError

DATA = Path(__file__).parents[4] / "shared" / "datasets"


def _row(**values: object) -> Row:
    plain: dict[str, object] = {
        "text": "szöveg", "label": "pos", "lang": "hu", "domain": "review", "source": "husst_hu"
    }  # fmt: skip
    return Row(**{**plain, **values})  # type: ignore[arg-type]


def _own(text: str, target: str | None, lang: str = "hu") -> Row:
    return _row(text=text, target=target, lang=lang, source="voices", reply=False)


def test_the_manifest_keeps_yardsticks_out():
    names = {source.name for source in manifest.choose()}
    assert not names & {"umsab", "semeval2017_en", "smp2020_zh", "germeval2017_de"}
    assert {source.name for source in manifest.choose(("A",))} < names
    assert all(source.commit and source.repository and source.path for source in manifest.SOURCES)


def test_every_weight_of_the_recipe_names_a_source():
    how = recipe.load()
    names = {source.name for source in manifest.choose()}
    for table in (how.weights, how.surface_rows, how.calibration_weights):
        assert set(table) <= names
    assert set(how.draw) == set(how.languages)
    assert sum(how.draw.values()) == pytest.approx(1)


def test_a_broken_recipe_is_named(tmp_path: Path):
    (tmp_path / "r.toml").write_text("model = 1")
    with pytest.raises(ConfigError, match=r"r\.toml"):
        recipe.load(tmp_path / "r.toml")


def test_reads_a_folder_of_data_sets(tmp_path: Path):
    (tmp_path / "public").mkdir()
    (tmp_path / "voices").mkdir()
    (tmp_path / "plain").mkdir()
    line = "Szikra\tsocial\tneg\t-\tcomplaint,refund\tfraud\tprice-\ty\tA Szikra átvert.\n"
    (tmp_path / "voices" / "hu-a.tsv").write_text(line)
    found = {"text": "jó", "label": "pos", "stars": 5, "lang": "hu", "domain": "review"}
    for lang in ("hu", "fi"):
        with gzip.open(tmp_path / "public" / "husst_hu.jsonl.gz", "at") as file:
            file.write(json.dumps({**found, "lang": lang}) + "\n")
    with gzip.open(tmp_path / "plain" / "hu-x.txt.gz", "wt") as file:
        file.write("egy\nkettő\nhárom\n")
    sources = [s for s in manifest.SOURCES if s.name in {"voices", "husst_hu"}]
    own, public = readers.read(tmp_path, sources)
    assert (own.target, own.intents, own.risks) == ("Szikra", ("complaint", "refund"), ("fraud",))
    assert (own.aspects, own.reply, own.stars) == (("price-",), True, None)
    assert (public.source, public.stars, public.detailed) == ("husst_hu", 5, False)
    assert list(readers.plain(tmp_path, ["hu"], {"x": 2})) == ["egy", "kettő"]


def test_equal_texts_share_their_draw():
    for number in range(200):
        text = f"Ez a {number}. szöveg!"
        alike = _row(text=f"ez  A {number}. SZÖVEG!", source="xed_weak")
        assert readers.split(_row(text=text), 1) == readers.split(alike, 1)


def test_the_draw_has_the_promised_shares():
    draws = [readers.split(_row(text=f"szöveg {n}"), 1) for n in range(4000)]
    assert draws.count("holdout") / 4000 == pytest.approx(readers.HOLDOUT, abs=0.02)
    assert draws.count("dev") / 4000 == pytest.approx(0.05, abs=0.01)


def test_wanted_outputs():
    row = _own("Drága, de jó.", None)
    table = labels.targets([row, _row(label="neu"), _row(label="mix", stars=3)])
    assert table[0, heads.SENTIMENT].tolist() == [0, 0, 1]
    assert table[0, heads.INTENT].sum() == 0
    assert (table[1, heads.INTENT] == labels.UNKNOWN).all()
    assert table[2, heads.SENTIMENT].tolist() == [0.5, 0, 0.5]
    assert table[2, heads.STARS].tolist() == [0, 0, 1, 0, 0]
    assert labels.two_class([row, _row(binary=True)]).tolist() == [False, True]


def test_two_brands_share_no_name_and_keep_the_asked_verdict():
    rows = [_own(f"A {name} jó volt.", name) for name in ("Alfa", "Béta", "Gamma")]
    rows += [_own("Az Alfa jobb, mint a Béta.", "Alfa")]
    found = list(augment.two_brands(rows, 40, 1))
    assert found == list(augment.two_brands(rows, 40, 1))
    assert all(row.target in row.text for row in found if row.target)
    assert all(len(row.text) > len("Az Alfa jobb, mint a Béta.") for row in found)
    assert all(row.text.count("Alfa") <= 1 for row in found)


def test_a_text_about_two_brands_is_not_repeated_without_target():
    rows = [_own("Az Alfa jobb, mint a Béta.", "Alfa"), _own("Az Alfa jobb, mint a Béta.", "Béta")]
    assert list(augment.without_target([*rows, _own("A Gamma jó.", "Gamma")])) == [
        _own("A Gamma jó.", None)
    ]


def test_the_sampler_sees_every_row_before_any_again():
    rows = [_row(text=str(n)) for n in range(10)] + [_row(lang="lv", source="ltec_lv")]
    sampler = batches.Sampler(rows, {"hu": 1.0}, {"husst_hu": 1.0}, 1)
    assert sorted(sampler.draw(10)) == list(range(10))


def test_the_middle_is_cut():
    assert batches.middle_cut(list(range(10)), 4) == [0, 1, 8, 9]
    assert batches.middle_cut([1, 2], 4) == [1, 2]


def test_ngrams_are_stable_and_even():
    buckets, values = counted("Nagyon jó, nagyon JO", 12)
    again, _ = counted("nagyon jo, NAGYON jó", 12)
    assert (buckets == again).all()
    assert buckets.max() < table_size(12)
    normed(buckets, values, 12)
    assert float(values @ values) == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize("text", ["", "a", "你", "\x00", "🙂" * 3000])
def test_ngrams_of_odd_texts(text: str):
    buckets, values = counted(text, 12)
    assert len(buckets) == len(values) > 0


def test_the_card_keeps_kinds_apart():
    share = {"value": 0.5, "low": 0.4, "high": 0.6, "n": 10}
    one = {"two_class": False, "rows": 10, "accuracy": share, "macro_f1": 0.5, "unsure": share,
           "calibration_error": 0.1, "positive_called_negative": share}  # fmt: skip
    text = card.tables(
        {"hu husst_hu": one, "hu voices": one, "de mabsa": one, "de umsab": one},
        {"hu husst_hu": {"macro_f1": 0.4}},
    )
    people, weak, own, aside = text.split("### ")[1:]
    assert "| hu husst_hu | 10 | 0.500 (0.400–0.600) | 0.500 | 0.400 |" in people
    assert "de mabsa" in weak
    assert "hu voices" in own
    assert "de umsab" in aside


def test_faults_of_the_command_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv(command.DATA, raising=False)
    with pytest.raises(ConfigError, match=command.DATA):
        command._folder(None)
    with pytest.raises(ConfigError, match="C unknown"):
        command._tiers("A,C")
    assert command._tiers("A, B") == ("A", "B", "own")


@pytest.mark.skipif(not DATA.is_dir(), reason="the folder of data sets is not on this machine")
def test_the_data_at_hand_can_be_read():
    rows = readers.read(DATA, [s for s in manifest.SOURCES if s.name in {"voices", "ltec_lv"}])
    assert {row.lang for row in rows} == {"en", "de", "hu", "lv", "zh"}
    assert sum(row.detailed for row in rows) > 4000
    assert np.all(labels.targets(rows[:50]) >= labels.UNKNOWN)
