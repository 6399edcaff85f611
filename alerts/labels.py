"""The words around an alert in en, de, hu, lv and zh.

Slots stand after a colon or alone, so that no language has to bend what is put in.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Language = Literal["en", "de", "hu", "lv", "zh"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Labels:
    """All words of one language."""

    states: Mapping[str, str]
    due: str
    left: str
    overdue: str
    units: tuple[str, str, str]
    """Days, hours, minutes; each with a place for the number."""
    owner: str
    until: str
    reason: str
    published: str
    found: str
    author: str
    no_author: str
    review: str
    mention: str
    removed: str
    edited: str
    why: str
    points: str
    codes: Mapping[str, str]
    """Reason code -> words; "risk:legal" is looked up whole, then before the colon."""
    intents: Mapping[str, str]
    moods: Mapping[str, str]
    similar: str
    original: str
    task: str
    shortened: str


_EN = Labels(
    states={
        "new": "new",
        "claimed": "claimed",
        "on_hold": "on hold",
        "replied": "replied",
        "solved": "solved",
        "closed": "closed",
        "no_action": "no action needed",
    },
    due="reply due {}",
    left="{} left",
    overdue="{} overdue",
    units=("{} d", "{} h", "{} min"),
    owner="owner: {}",
    until="until {}",
    reason="reason: {}",
    published="published {}",
    found="found {}",
    author="by {}",
    no_author="author not given",
    review="review",
    mention="mention",
    removed="Removed at the source; the text is no longer shown.",
    edited="edited by the author ({} versions)",
    why="Why",
    points="{:g} points",
    codes={
        "risk": "hard rule",
        "risk:safety": "safety or injury",
        "risk:legal": "legal threat",
        "risk:privacy": "personal data exposed",
        "risk:discrimination": "discrimination",
        "risk:threat": "threat of harm",
        "risk:press": "press inquiry",
        "check_label": "check label",
        "negative": "negative",
        "stars": "stars",
        "intent": "intent",
        "reach": "reach",
        "author": "earlier contacts",
        "cluster": "similar cases",
        "reply": "wants an answer",
        "waiting": "waiting time",
        "velocity": "spreading",
    },
    intents={
        "complaint": "complaint",
        "question": "question",
        "refund": "refund",
        "churn": "leaving",
        "technical": "technical problem",
        "warning": "warns others",
        "suggestion": "suggestion",
        "praise": "praise",
    },
    moods={
        "neg": "negative",
        "neu": "neutral",
        "pos": "positive",
        "mix": "mixed",
        "unsure": "unsure",
    },
    similar="{} more open from this source in 24 h",
    original="Open original",
    task="Open task {}",
    shortened="shortened; open the task for the rest",
)

_DE = Labels(
    states={
        "new": "neu",
        "claimed": "übernommen",
        "on_hold": "ruht",
        "replied": "beantwortet",
        "solved": "gelöst",
        "closed": "geschlossen",
        "no_action": "keine Antwort nötig",
    },
    due="Antwort bis {}",
    left="noch {}",
    overdue="überfällig seit {}",
    units=("{} T", "{} Std.", "{} Min."),
    owner="zuständig: {}",
    until="bis {}",
    reason="Grund: {}",
    published="veröffentlicht {}",
    found="gefunden {}",
    author="von {}",
    no_author="ohne Namen",
    review="Bewertung",
    mention="Erwähnung",
    removed="An der Quelle gelöscht; der Text wird nicht mehr gezeigt.",
    edited="vom Verfasser geändert ({} Fassungen)",
    why="Warum",
    points="{:g} Punkte",
    codes={
        "risk": "feste Regel",
        "risk:safety": "Sicherheit oder Verletzung",
        "risk:legal": "rechtliche Drohung",
        "risk:privacy": "personenbezogene Daten offengelegt",
        "risk:discrimination": "Diskriminierung",
        "risk:threat": "Gewaltdrohung",
        "risk:press": "Presseanfrage",
        "check_label": "Einstufung prüfen",
        "negative": "negativ",
        "stars": "Sterne",
        "intent": "Anliegen",
        "reach": "Reichweite",
        "author": "frühere Kontakte",
        "cluster": "ähnliche Fälle",
        "reply": "erwartet Antwort",
        "waiting": "Wartezeit",
        "velocity": "verbreitet sich",
    },
    intents={
        "complaint": "Beschwerde",
        "question": "Frage",
        "refund": "Erstattung",
        "churn": "Kündigung",
        "technical": "technisches Problem",
        "warning": "warnt andere",
        "suggestion": "Vorschlag",
        "praise": "Lob",
    },
    moods={
        "neg": "negativ",
        "neu": "neutral",
        "pos": "positiv",
        "mix": "gemischt",
        "unsure": "unsicher",
    },
    similar="{} weitere offen aus dieser Quelle in 24 Std.",
    original="Original öffnen",
    task="Aufgabe {} öffnen",
    shortened="gekürzt; der Rest steht in der Aufgabe",
)

_HU = Labels(
    states={
        "new": "új",
        "claimed": "folyamatban",
        "on_hold": "várakozik",
        "replied": "megválaszolva",
        "solved": "megoldva",
        "closed": "lezárva",
        "no_action": "nem igényel választ",
    },
    due="válasz határideje: {}",
    left="hátravan: {}",
    overdue="késés: {}",
    units=("{} nap", "{} óra", "{} perc"),
    owner="felelős: {}",
    until="eddig: {}",
    reason="ok: {}",
    published="közzétéve: {}",
    found="észlelve: {}",
    author="szerző: {}",
    no_author="szerző nincs megadva",
    review="értékelés",
    mention="említés",
    removed="A forrásnál törölték; a szöveg már nem látható.",
    edited="a szerző módosította ({} változat)",
    why="Miért",
    points="{:g} pont",
    codes={
        "risk": "kötelező szabály",
        "risk:safety": "biztonság vagy sérülés",
        "risk:legal": "jogi fenyegetés",
        "risk:privacy": "személyes adat került nyilvánosságra",
        "risk:discrimination": "diszkrimináció",
        "risk:threat": "erőszakkal fenyegetés",
        "risk:press": "sajtómegkeresés",
        "check_label": "besorolás ellenőrzendő",
        "negative": "negatív",
        "stars": "csillag",
        "intent": "szándék",
        "reach": "elérés",
        "author": "korábbi megkeresések",
        "cluster": "hasonló esetek",
        "reply": "választ vár",
        "waiting": "várakozási idő",
        "velocity": "terjed",
    },
    intents={
        "complaint": "panasz",
        "question": "kérdés",
        "refund": "visszatérítés",
        "churn": "lemondás",
        "technical": "műszaki hiba",
        "warning": "másokat figyelmeztet",
        "suggestion": "javaslat",
        "praise": "dicséret",
    },
    moods={
        "neg": "negatív",
        "neu": "semleges",
        "pos": "pozitív",
        "mix": "vegyes",
        "unsure": "bizonytalan",
    },
    similar="további nyitott eset ebből a forrásból 24 óra alatt: {}",
    original="Eredeti megnyitása",
    task="Feladat megnyitása: {}",
    shortened="rövidítve; a többi a feladatnál olvasható",
)

_LV = Labels(
    states={
        "new": "jauns",
        "claimed": "pieņemts",
        "on_hold": "apturēts",
        "replied": "atbildēts",
        "solved": "atrisināts",
        "closed": "slēgts",
        "no_action": "atbilde nav vajadzīga",
    },
    due="atbildes termiņš: {}",
    left="atlicis: {}",
    overdue="kavējums: {}",
    units=("{} d.", "{} st.", "{} min."),
    owner="atbildīgais: {}",
    until="līdz: {}",
    reason="iemesls: {}",
    published="publicēts: {}",
    found="atrasts: {}",
    author="autors: {}",
    no_author="autors nav norādīts",
    review="atsauksme",
    mention="pieminējums",
    removed="Avotā dzēsts; teksts vairs netiek rādīts.",
    edited="autors labojis (versijas: {})",
    why="Kāpēc",
    points="punkti: {:g}",
    codes={
        "risk": "stingrs noteikums",
        "risk:safety": "drošība vai trauma",
        "risk:legal": "juridiski draudi",
        "risk:privacy": "atklāti personas dati",
        "risk:discrimination": "diskriminācija",
        "risk:threat": "vardarbības draudi",
        "risk:press": "preses jautājums",
        "check_label": "jāpārbauda vērtējums",
        "negative": "negatīvs",
        "stars": "zvaigznes",
        "intent": "nolūks",
        "reach": "sasniegtā auditorija",
        "author": "iepriekšēja saziņa",
        "cluster": "līdzīgi gadījumi",
        "reply": "gaida atbildi",
        "waiting": "gaidīšanas laiks",
        "velocity": "izplatās",
    },
    intents={
        "complaint": "sūdzība",
        "question": "jautājums",
        "refund": "naudas atmaksa",
        "churn": "aiziešana",
        "technical": "tehniska problēma",
        "warning": "brīdina citus",
        "suggestion": "ieteikums",
        "praise": "uzslava",
    },
    moods={
        "neg": "negatīvs",
        "neu": "neitrāls",
        "pos": "pozitīvs",
        "mix": "jaukts",
        "unsure": "neskaidrs",
    },
    similar="vēl atvērti no šī avota 24 stundās: {}",
    original="Atvērt oriģinālu",
    task="Atvērt uzdevumu {}",
    shortened="saīsināts; pārējais ir uzdevumā",
)

_ZH = Labels(
    states={
        "new": "新建",
        "claimed": "已认领",
        "on_hold": "暂缓",
        "replied": "已回复",
        "solved": "已解决",
        "closed": "已关闭",
        "no_action": "无需处理",
    },
    due="回复期限 {}",
    left="剩余 {}",
    overdue="已超时 {}",
    units=("{} 天", "{} 小时", "{} 分钟"),
    owner="负责人：{}",
    until="至 {}",
    reason="原因：{}",
    published="发布于 {}",
    found="发现于 {}",
    author="作者：{}",
    no_author="作者未注明",
    review="评价",
    mention="提及",
    removed="来源处已删除，不再显示内容。",
    edited="作者已修改（共 {} 版）",
    why="原因",
    points="{:g} 分",
    codes={
        "risk": "硬性规则",
        "risk:safety": "安全或伤害",
        "risk:legal": "法律威胁",
        "risk:privacy": "个人信息泄露",
        "risk:discrimination": "歧视",
        "risk:threat": "人身威胁",
        "risk:press": "媒体询问",
        "check_label": "请核对判定",
        "negative": "负面",
        "stars": "星级",
        "intent": "意图",
        "reach": "影响范围",
        "author": "此前联系",
        "cluster": "类似情况",
        "reply": "期待回复",
        "waiting": "等待时间",
        "velocity": "正在扩散",
    },
    intents={
        "complaint": "投诉",
        "question": "提问",
        "refund": "退款",
        "churn": "流失",
        "technical": "技术问题",
        "warning": "提醒他人",
        "suggestion": "建议",
        "praise": "表扬",
    },
    moods={"neg": "负面", "neu": "中性", "pos": "正面", "mix": "混合", "unsure": "不确定"},
    similar="24 小时内该来源另有未结 {} 条",
    original="查看原文",
    task="打开任务 {}",
    shortened="已截短，其余见任务",
)

LABELS: Mapping[Language, Labels] = {"en": _EN, "de": _DE, "hu": _HU, "lv": _LV, "zh": _ZH}
