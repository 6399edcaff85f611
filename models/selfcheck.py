"""Refuse a model that reads plain praise and plain blame the wrong way round.

Written by this project; each sentence is so plain that a working model has no excuse.
"""

from __future__ import annotations

from collections.abc import Sequence

from monitor.domain.errors import EngineError
from monitor.domain.types import ScoreRequest, Sentiment

SENTENCES: tuple[tuple[str, str, str], ...] = (
    ("en", "pos", "Excellent service, friendly staff, I am very happy and will come again."),
    ("en", "pos", "Great product, works perfectly, highly recommended!"),
    ("en", "pos", "The food was delicious and the waiter was lovely."),
    ("en", "neg", "Terrible service, rude staff, I will never come back."),
    ("en", "neg", "It broke after two days and nobody answers. What a waste of money."),
    ("en", "neg", "Worst experience ever, the room was dirty and the food was awful."),
    ("de", "pos", "Sehr freundliches Personal, leckeres Essen, wir kommen gerne wieder."),
    ("de", "pos", "Tolles Hotel, sauberes Zimmer, sehr zu empfehlen!"),
    ("de", "pos", "Alles super, schnelle Lieferung und gute Qualität, vielen Dank."),
    ("de", "neg", "Sehr unfreundliches Personal, das Zimmer war schmutzig, nie wieder."),
    ("de", "neg", "Schlechter Service, niemand antwortet, ich bin sehr enttäuscht."),
    ("de", "neg", "Das Essen war kalt und schlecht, eine Frechheit."),
    ("hu", "pos", "Nagyon kedves kiszolgálás, finom ételek, mindenkinek csak ajánlani tudom."),
    ("hu", "pos", "Szuper gyors szállítás, tökéletes minőség, köszönöm!"),
    ("hu", "pos", "Gyönyörű film, remek színészek, nagyon élveztem."),
    ("hu", "neg", "Borzalmas kiszolgálás, bunkó eladó, soha többet nem jövök ide."),
    ("hu", "neg", "Két nap után elromlott, senki nem válaszol, kidobott pénz."),
    ("hu", "neg", "Rossz film, unalmas és buta, kár volt az időért."),
    ("lv", "pos", "Ļoti laipna apkalpošana, garšīgs ēdiens, noteikti iesaku."),
    ("lv", "pos", "Lieliska kvalitāte un ātra piegāde, liels paldies!"),
    ("lv", "pos", "Man ļoti patīk, viss bija brīnišķīgi un garšīgi."),
    ("lv", "neg", "Briesmīga apkalpošana, rupja pārdevēja, nekad vairs nenākšu."),
    ("lv", "neg", "Pēc divām dienām saplīsa, neviens neatbild, izmesta nauda."),
    ("lv", "neg", "Slikta kvalitāte, esmu ļoti vīlies, neiesaku nevienam."),
    ("zh", "pos", "味道很好,服务态度也很好,下次还会再来。"),
    ("zh", "pos", "质量非常好,物流很快,很满意,推荐购买!"),
    ("zh", "pos", "酒店很干净,位置方便,服务员很热情。"),
    ("zh", "neg", "服务态度太差了,等了两个小时,再也不会来了。"),
    ("zh", "neg", "质量太差,用了两天就坏了,客服不理人,千万别买。"),
    ("zh", "neg", "房间又脏又吵,早餐难吃,非常失望。"),
)
NEEDED = 0.8
"""Share of the sentences that must lean the right way."""


def requests() -> list[ScoreRequest]:
    """Return the sentences as an engine takes them."""
    return [ScoreRequest(text=text, lang=lang) for lang, _, text in SENTENCES]


def check(answers: Sequence[Sentiment], model: str, langs: Sequence[str]) -> None:
    """Raise EngineError unless the answers to `requests` lean the right way in these languages."""
    pairs = [
        (right, answer.probs)
        for (lang, right, _), answer in zip(SENTENCES, answers, strict=True)
        if lang in langs
    ]
    good = sum((probs["pos"] > probs["neg"]) == (right == "pos") for right, probs in pairs)
    if good < NEEDED * len(pairs):
        raise EngineError(
            f"The model {model} is refused: it reads {len(pairs) - good} of {len(pairs)} plain"
            " sentences the wrong way round. Are its labels swapped?"
        )
