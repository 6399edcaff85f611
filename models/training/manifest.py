"""Where every training text comes from, and whether it may train weights that ship.

Tiers: A permissive licence stated by the publisher; A? permissive label, origin of the texts not
cleared; B share-alike or GPL; D-review published openly without a stated licence and without any
reservation (text and data mining, Directive (EU) 2019/790, Art. 4); D-posts under platform terms
or shared tasks: yardsticks only; own: written by this project.
"""

from __future__ import annotations

from dataclasses import dataclass

SHIPPABLE = ("own", "A", "A?", "B", "D-review")


@dataclass(frozen=True, slots=True)
class Source:
    """One data set.

    `binary`: it has no neutral class. `weak`: labels were not given by people for this purpose, or
    the texts are machine-translated.
    """

    name: str
    repository: str
    commit: str
    path: str
    tier: str
    langs: tuple[str, ...]
    binary: bool = False
    weak: bool = False

    @property
    def ships(self) -> bool:
        """Whether it may train weights that are given to others."""
        return self.tier in SHIPPABLE


_ZH = "SophonPlus/ChineseNlpCorpus"

SOURCES: tuple[Source, ...] = (
    Source("voices", "earshot", "-", "voices", "own", ("en", "de", "hu", "lv", "zh")),
    Source("husst_hu", "nytud/HuSST", "05a9250", "data/", "B", ("hu",)),
    Source("ltec_lv", "Usprogis/Latvian-Twitter-Eater-Corpus", "a264d72", ".", "A", ("lv",)),
    Source("buls_lv", "TomsBuls/SA-Latvian-Tweets", "89c35c5", ".", "A", ("lv",)),
    Source("nicmanis_lv", "nicemanis/LV-twitter-sentiment-corpus", "b7f7118", ".", "B", ("lv",)),
    Source("peisenieks_lv", "FnTm/latvian-tweet-sentiment-corpus", "f7ebb00", ".", "A", ("lv",)),
    Source(
        "hotel_absa_de", "LSX-UniWue/SuperGLEBer", "5d3c59a", "data/Hotel_Aspect", "D-review",
        ("de",),
    ),
    Source(
        "kaffee_de", "lorenanda/Sentimentanalyse-HU-SS20", "6ad8b2b", "kaffee_reviews.csv",
        "D-review", ("de",),
    ),
    Source("asap_zh", "Meituan-Dianping/asap", "975122a", "data/*_sample.csv", "A", ("zh",)),
    Source("chnsenticorp_htl_zh", _ZH, "a0b781d", "datasets", "D-review", ("zh",), binary=True),
    Source("online_shopping_zh", _ZH, "a0b781d", "datasets", "D-review", ("zh",), binary=True),
    Source("waimai_zh", _ZH, "a0b781d", "datasets", "D-review", ("zh",), binary=True),
    Source(
        "cr_en", "harvardnlp/sent-conv-torch", "d61ded0", "data/raw/custrev", "D-review", ("en",),
        binary=True,
    ),
    Source(
        "uci_en", "murilovalenso/Processamento-de-Linguagem-Natural", "ea759fa", ".", "A?",
        ("en",), binary=True,
    ),
    Source(
        "amazon_mds_en", "lorenzoritter/domainadaption", "f35a754", "sorted_data_acl", "D-review",
        ("en",), binary=True,
    ),
    Source(
        "scandisent_mt_en", "timpal0l/ScandiSent", "14088c6", ".", "D-review", ("en",),
        binary=True, weak=True,
    ),
    Source(
        "goemotions_en", "monologg/GoEmotions-pytorch", "b75f9d3", "data/group", "A", ("en",),
    ),
    Source(
        "mabsa", "swaggy66/M-ABSA", "cb3121a", "data/", "A?", ("en", "de", "zh"), weak=True,
    ),
    Source(
        "brighter_weak", "emotion-analysis-project/SemEval2025-Task11", "513a7e8", ".", "A",
        ("en", "de", "zh"), weak=True,
    ),
    Source(
        "xed_weak", "Helsinki-NLP/XED", "76666d2", ".", "A", ("de", "hu", "zh"), binary=True,
        weak=True,
    ),
    Source("umsab", "cardiffnlp/xlm-t", "874214d", "data/sentiment", "D-posts", ("en", "de")),
    Source("semeval2017_en", "cardiffnlp/tweeteval", "4fbd22c", "datasets/sentiment", "D-posts",
           ("en",)),
    Source("smp2020_zh", "BrownSweater/BERT_SMP2020-EWECT", "e928cec", ".", "D-posts", ("zh",)),
    Source("germeval2017_de", "jerbarnes/typology_of_crosslingual", "f18142f",
           "data_preparation/potential_data/German/Germeval_2017", "D-posts", ("de",)),
)  # fmt: skip


def choose(tiers: tuple[str, ...] = SHIPPABLE) -> tuple[Source, ...]:
    """Return the sources of these tiers that may train weights that ship."""
    return tuple(source for source in SOURCES if source.ships and source.tier in tiers)


def yardsticks() -> tuple[Source, ...]:
    """Return the sources that only measure."""
    return tuple(source for source in SOURCES if not source.ships)
