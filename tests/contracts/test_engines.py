"""What every engine promises; one run of these tests per file in models/engines."""

from __future__ import annotations

import importlib
import importlib.util
import json
import math
import pkgutil
from collections.abc import Iterator
from pathlib import Path

import pytest

import models.engines
from models.heads import LABELS
from monitor.domain.errors import EngineError
from monitor.domain.ports import Engine
from monitor.domain.types import Label, ScoreRequest

NAMES = sorted(found.name for found in pkgutil.iter_modules(models.engines.__path__))
TEXTS = {
    "en": "Great service, friendly staff, we will come back.",
    "de": "Sehr freundliches Personal, wir kommen gerne wieder.",
    "hu": "Nagyon kedves kiszolgálás, szívesen jövünk máskor is.",
    "lv": "Ļoti laipna apkalpošana, noteikti nāksim vēlreiz.",
    "zh": "服务态度非常好,下次还会再来。",
}


def _tiny_checkpoint(folder: Path) -> Path:
    """A checkpoint with random weights: enough for shape, order and repeatability."""
    from tokenizers import Tokenizer
    from tokenizers.models import WordLevel
    from tokenizers.pre_tokenizers import Whitespace
    from tokenizers.processors import TemplateProcessing
    from transformers import BertConfig, BertForSequenceClassification, PreTrainedTokenizerFast

    words = {"[PAD]": 0, "[UNK]": 1, "[CLS]": 2, "[SEP]": 3, "great": 4, "bad": 5}
    raw = Tokenizer(WordLevel(words, unk_token="[UNK]"))
    raw.pre_tokenizer = Whitespace()
    raw.post_processor = TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    PreTrainedTokenizerFast(
        tokenizer_object=raw, pad_token="[PAD]", unk_token="[UNK]", model_max_length=64
    ).save_pretrained(folder)
    config = BertConfig(
        vocab_size=6, hidden_size=16, num_hidden_layers=1, num_attention_heads=2,
        intermediate_size=16, max_position_embeddings=64,
        id2label={0: "negative", 1: "neutral", 2: "positive"},
    )  # fmt: skip
    BertForSequenceClassification(config).save_pretrained(folder)
    return folder


@pytest.fixture(scope="module", params=NAMES)
def engine(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Engine]:
    options: dict[str, object] = {"threads": 2}
    if request.param == "transformers":
        if importlib.util.find_spec("torch") is None:
            pytest.skip("torch is not installed: the extra `torch` brings it")
        folder = _tiny_checkpoint(tmp_path_factory.mktemp("checkpoint"))
        options = {"model": str(folder), "check": False}
    built: Engine = importlib.import_module(f"models.engines.{request.param}").build(options)
    yield built
    built.close()


def test_names_its_model(engine: Engine):
    assert engine.model


def test_nothing_in_nothing_out(engine: Engine):
    assert engine.score([]) == []


def test_keeps_order_and_length(engine: Engine):
    requests = [ScoreRequest(text=text, lang=lang) for lang, text in TEXTS.items()]
    requests += [ScoreRequest(text=f"{text} {text * 9}", lang=lang) for lang, text in TEXTS.items()]
    together = engine.score(requests)
    assert len(together) == len(requests)
    for request, answer in zip(requests, together, strict=True):
        alone = engine.score([request])[0]
        assert alone.lang == answer.lang
        for name in LABELS:
            assert alone.probs[name] == pytest.approx(answer.probs[name], abs=0.05)


@pytest.mark.parametrize("lang", TEXTS)
def test_reads_every_served_language(engine: Engine, lang: str):
    answer = engine.score([ScoreRequest(text=TEXTS[lang])])[0]
    assert answer.lang == lang
    assert answer.why_unsure in {None, "low confidence"}
    assert set(answer.probs) == set(LABELS)
    assert math.isclose(sum(answer.probs.values()), 1.0, abs_tol=1e-4)


@pytest.mark.parametrize("text", ["", " ", "\u200b", "\n\t", "1234", "!?"])
def test_an_empty_text_is_unsure(engine: Engine, text: str):
    answer = engine.score([ScoreRequest(text=text)])[0]
    assert answer.label is Label.UNSURE
    assert answer.why_unsure == "too short"


def test_a_language_that_is_not_served_is_unsure(engine: Engine):
    text = "Je suis très content de ce produit, le service était parfait et la livraison rapide."
    answer = engine.score([ScoreRequest(text=text)])[0]
    assert (answer.label, answer.why_unsure, answer.lang) == (Label.UNSURE, "language", "fr")


def test_reads_a_very_long_text(engine: Engine):
    text = TEXTS["en"] + " It was an ordinary day." * 4000
    assert engine.score([ScoreRequest(text=text)])[0].lang == "en"


@pytest.mark.parametrize(
    "text", ["\ue000", "[CLS] [SEP] great", "\x00 great", "\ud83d great", "great " * 2, "𝒢𝓇ℯ𝒶𝓉"]
)
def test_survives_odd_characters(engine: Engine, text: str):
    assert len(engine.score([ScoreRequest(text=text, target="\ue000")])) == 1


def test_equal_input_gives_equal_output(engine: Engine):
    requests = [ScoreRequest(text=text) for text in TEXTS.values()] * 3
    assert engine.score(requests) == engine.score(requests)


def test_no_text_changes_for_its_neighbours(engine: Engine):
    request = ScoreRequest(text=TEXTS["hu"])
    crowd = [ScoreRequest(text=f"{TEXTS['de']} Nummer {n}.") for n in range(200)]
    alone, among = engine.score([request])[0], engine.score([*crowd, request])[-1]
    assert alone.label == among.label


@pytest.mark.parametrize("name", NAMES)
def test_refuses_a_model_that_is_not_there(name: str, tmp_path: Path):
    if name == "transformers" and importlib.util.find_spec("torch") is None:
        pytest.skip("torch is not installed: the extra `torch` brings it")
    missing = str(tmp_path / "missing")
    with pytest.raises(EngineError, match="missing"):
        importlib.import_module(f"models.engines.{name}").build({"path": missing, "model": missing})


def test_says_how_to_get_torch():
    if importlib.util.find_spec("torch") is not None:
        pytest.skip("torch is installed")
    from models.engines import transformers

    with pytest.raises(EngineError, match="extra `torch`"):
        transformers.build({"model": "somewhere"})


def test_nameless_labels_are_refused_and_can_be_told():
    from models.engines.transformers import columns_of

    names = {0: "LABEL_0", 1: "LABEL_1"}
    with pytest.raises(EngineError, match="LABEL_0"):
        columns_of(names, None, "some/model")
    told = columns_of(names, {"LABEL_0": "neg", "LABEL_1": "pos"}, "some/model")
    assert told == {0: "neg", 1: "pos"}


def test_star_labels_are_understood():
    from models.engines.transformers import columns_of

    names = {n: f"{n + 1} star{'s' if n else ''}" for n in range(5)}
    assert columns_of(names, None, "x") == {0: "neg", 1: "neg", 2: "neu", 3: "pos", 4: "pos"}


def test_labels_of_another_trade_are_refused():
    from models.engines.transformers import columns_of

    with pytest.raises(EngineError, match="joy"):
        columns_of({0: "joy", 1: "anger"}, None, "x")


def test_needs_a_model_name():
    from models.engines import transformers

    with pytest.raises(EngineError, match="model"):
        transformers.build(json.loads("{}"))
