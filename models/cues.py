"""Words that name a risk outright, in every served language.

A risk is rare and a trained head needs many examples, but "lawyer" or "food poisoning" hardly ever
mean anything else. How far each list can be trusted is measured on labelled rows and kept with the
weights; lists that cannot are not used. Stems of folded text (lower case, no diacritics); a stem
starts a word unless it is Chinese.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from models.normalise import fold

STEMS: Mapping[str, str] = {
    "safety": "injured, injury, burnt my, burned my, caught fire, on fire, smoke, smoking hot,"
    " electric shock, food poison, poisoned, ambulance, ended up in hospital, to a&e, vomit,"
    " throwing up, allergic reaction, choke, choking, explod, shards, chemical burn,"
    " smelled gas, smell of gas, verletz, lebensgefahr, glassplitter, gebrannt, in brand,"
    " feuer gefangen, gequalmt, rauch, stromschlag, vergiftung, im krankenhaus gelandet,"
    " ins krankenhaus, erbroch, allergische, explodier, splitter, megserul, serules,"
    " kigyulladt, langra, fustol, aramutes, megrazott, etelmergez, mergezes, korhazba ker,"
    " mentot, hanyt, hanyas, felrobban, szilank, savainoj, ievainoj, apdedzin, aizdeg,"
    " ugunsgrek, dumo, dumi, stravas, saindes, slimnicu, neatliekam, vema, vemsan, alergisk,"
    " eksplod, uzspraga, lausk, 受伤, 烫伤, 烧伤, 划伤, 起火, 着火, 冒烟, 触电, 漏电, 中毒,"
    " 急诊, 进医院, 去医院, 救护车, 呕吐, 上吐下泻, 拉肚子, 过敏, 爆炸, 玻璃渣, 自燃, 骨折",
    "legal": "lawyer, solicitor, attorney, small claims, court, sue you, suing, lawsuit,"
    " legal action, trading standards, ombudsman, regulator, consumer protection, anwalt,"
    " gericht, klage, verklag, verbraucherzentrale, verbraucherschutz, rechtsanwalt,"
    " rechtliche schritte, schlichtungsstelle, bundesnetzagentur, bafin, mahnbescheid,"
    " ugyved, birosag, perel, beperel, feljelent, fogyasztovedel, nebih, jogi ut, bekelteto,"
    " nmhh, jogasz, advokat, jurist, uz tiesu, tiesas, ptac, datu valsts inspekcij,"
    " pateretaju tiesib, prasibu, sudziba ptac, 律师, 法院, 起诉, 12315, 消协, 工商, 监管,"
    " 法律途径, 仲裁, 市场监督, 消费者协会, 法庭, 银保监, 诉讼, 立案, 警示函",
    "privacy": "gdpr, data leak, leaked my, personal data, data protection, privacy, data breach,"
    " breach notice, my data, someone else's, delete all my, erase my, datenschutz, dsgvo,"
    " personliche daten, personenbezogen, datenleck, meine daten, fremde daten, adatvedel,"
    " szemelyes adat, adataim, kiszivarg, mas adatai, personas dat, personas datu,"
    " datu aizsardz, mani dati, manus datus, nopludin, vdar, 隐私, 个人信息, 泄露, 信息被,"
    " 串号",
    "discrimination": "racis, sexis, discriminat, homophob, skin colour, headscarf, rassis,"
    " diskriminier,"
    " hautfarbe, kopftuch, behindert, rasszis, diszkriminal, kirekeszt, cigany, borszin,"
    " rasis, diskrimin, adas kras, homofob, tautibas del, 歧视, 种族, 残疾, 肤色",
    "threat": "kill you, kill myself, smash your, burn your, burn the place, hurt myself,"
    " end it all,"
    " suicid, umbring, anzunden, fertigmachen, schlag euch, selbstmord, megollek, megolom,"
    " felgyujt, megverem, ongyilkos, szetverem, szetver, nosit, nogalin, nodedzin, piekau,"
    " pasnavib, 弄死, 砸店, 砸了你, 自杀, 跳楼, 打死, 烧了你, 不想活, 砍",
    "press": "journalist, reporter, newsroom, newspaper, press request, press enquiry,"
    " press office,"
    " for an article, redaktion, lokalredaktion, presseanfrage, zeitung, journalistin,"
    " ujsagiro, szerkesztoseg, riporter, sajto, interju, zurnalist, redakcij, laikrakst,"
    " raidijum, intervij, 记者, 媒体, 采访, 报社, 电视台, 快讯】, 新闻】",
    "fraud": "scam, fraud, fake shop, fake site, fake website, con artist, phishing, counterfeit,"
    " betrug, betrueg, fakeshop, fake-shop, abzocke, abofalle, gefalscht, csalas, csalok,"
    " csalo ceg, csalo oldal, atvertek, atverte, atveres, kamu oldal, kamuoldal, adathalasz,"
    " penznyel, ne kattints, krapnie, krapsan, krapj, apkrap, viltus, viltots, fiktiv, 骗子,"
    " 诈骗, 骗钱, 骗局, 假货, 假店, 钓鱼, 盗刷, 重复扣款, 欺诈, 跑路",
}


class Cues:
    """The lists as one pattern per risk."""

    def __init__(self) -> None:
        self._patterns = {risk: _pattern(stems) for risk, stems in STEMS.items()}

    def found(self, text: str) -> set[str]:
        """Return the risks that a cleaned text names outright."""
        folded = fold(text)
        return {risk for risk, pattern in self._patterns.items() if pattern.search(folded)}


def _pattern(stems: str) -> re.Pattern[str]:
    parts = sorted({stem.strip() for stem in stems.split(",")})
    latin = "|".join(re.escape(part) for part in parts if part[0].isascii())
    others = "|".join(part for part in parts if not part[0].isascii())
    return re.compile(rf"\b(?:{latin})|{others}")
