"""Every source keeps the port's promises; a folder of a recorded page is a test.

`tests/fixtures/sources/<kind>/<case>/` holds `input.*`, `meta.json` (url, role, headers, state,
cursor, options; all optional) and `expected.json`. After a deliberate change write the expectations
anew with `EARSHOT_REWRITE=1` and read the difference.
"""

from __future__ import annotations

import json
import os
import random
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from monitor.domain.crawl import SourcePlan
from monitor.domain.errors import SourceError
from spiders.health import Tally, finished
from spiders.port import Meta, Page, load_source

ROOT = Path(__file__).parents[2]
KINDS = sorted(
    path.stem for path in (ROOT / "spiders/sources").glob("*.py") if path.stem != "__init__"
)
CASES = sorted(path.parent for path in (ROOT / "tests/fixtures/sources").glob("*/*/meta.json"))
SHARED = ROOT.parent / "shared/fixtures"
RECORDED = [
    *(
        ("feed", path)
        for folder in ("feeds", "feeds_illformed")
        for path in (SHARED / folder).glob("*")
    ),
    *(("feed", path) for path in SHARED.glob("google_*_rss/*.xml")),
    *(("feed", path) for path in SHARED.glob("google_alerts/*.xml")),
    *(("feed", path) for path in SHARED.glob("reddit_rss/*.xml")),
    *(("feed", path) for path in SHARED.glob("appstore_rss/*.json")),
    *(("feed", path) for path in SHARED.glob("wordpress_local/*.xml")),
    *(("wordpress", path) for path in SHARED.glob("wordpress_local/*.json")),
    *(("schema_org", path) for path in SHARED.glob("schema_org/*.html")),
]
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
COMMENTS = {"base": "https://site.example", "after": "", "page": 1}


def parse(kind: str, body: bytes, told: dict[str, Any]) -> Page:
    source = load_source(kind)
    meta = Meta(
        url=told.get("url", "https://site.example/page"),
        options=source.Options(**told.get("options", {})),
        now=NOW,
        role=told.get("role", "page"),
        headers=told.get("headers", {}),
        state=told.get("state", {}),
        cursor=told.get("cursor", {}),
    )
    return source.parse(body, meta)


def as_json(kind: str, body: bytes, told: dict[str, Any]) -> dict[str, Any]:
    """Return a page, or the reason why there is none, without what is empty."""
    try:
        page = parse(kind, body, told)
    except SourceError as error:
        return {"error": type(error).__name__, "reason": error.reason}
    shown = {
        "items": [_shown(asdict(item)) for item in page.items],
        "faults": [fault.reason for fault in page.faults],
        "next": [{"url": ask.url, "role": ask.role, "state": ask.state} for ask in page.next],
        "cursor": page.cursor,
        "unchanged": page.unchanged,
        "note": page.note,
    }
    return json.loads(json.dumps(_shown(shown), default=str))


def _shown(values: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in values.items() if value not in (None, "", [], 0, False)}


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.parent.name}/{case.name}")
def test_a_recorded_page_gives_what_is_expected(case: Path):
    told = json.loads((case / "meta.json").read_text(encoding="utf-8"))
    body = next(case.glob("input.*")).read_bytes()
    got = as_json(case.parent.name, body, told)
    expected = case / "expected.json"
    if os.environ.get("EARSHOT_REWRITE"):
        text = json.dumps(got, ensure_ascii=False, indent=2) + "\n"
        expected.write_text(text, encoding="utf-8")
    assert got == json.loads(expected.read_text(encoding="utf-8"))


@pytest.mark.parametrize("kind", KINDS)
def test_every_source_has_cases(kind: str):
    assert sum(case.parent.name == kind for case in CASES) >= 3


@pytest.mark.parametrize("kind", KINDS)
def test_every_source_says_what_it_is(kind: str):
    source = load_source(kind)
    assert source.KIND_TITLE
    assert source.LANE in ("pages", "api")
    assert source.MIN_INTERVAL_S >= 30
    assert source.TERMS
    assert isinstance(source.API, bool)
    assert isinstance(source.EMPTY_IS_ODD, bool)
    assert source.__doc__
    assert "Cursor" in source.__doc__


@pytest.mark.parametrize("kind", KINDS)
def test_every_option_is_optional_described_and_checked(kind: str):
    options = load_source(kind).Options
    options()
    assert options.model_config["extra"] == "forbid"
    assert all(field.description for field in options.model_fields.values())


@pytest.mark.parametrize("kind", KINDS)
def test_every_source_starts_at_the_configured_address(kind: str):
    source = load_source(kind)
    plan = SourcePlan(name="x", kind=kind, brand="Acme", url="https://site.example/a")
    asks = source.start(plan, source.Options(), {})
    assert asks
    assert all(ask.url.startswith("https://site.example/a") for ask in asks)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.parent.name}/{case.name}")
def test_ids_do_not_depend_on_the_moment_or_the_order_of_parsing(case: Path):
    told = json.loads((case / "meta.json").read_text(encoding="utf-8"))
    body = next(case.glob("input.*")).read_bytes()
    once = as_json(case.parent.name, body, told).get("items", [])
    again = as_json(case.parent.name, body, told).get("items", [])
    ids = [item["external_id"] for item in once]
    assert ids == [item["external_id"] for item in again]
    assert len(ids) == len(set(ids))
    assert all(0 < len(name) <= 300 for name in ids)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("seed", range(30))
def test_damaged_pages_never_crash(kind: str, seed: int):
    dice = random.Random(seed)
    case = dice.choice([case for case in CASES if case.parent.name == kind])
    told = json.loads((case / "meta.json").read_text(encoding="utf-8"))
    body = bytearray(next(case.glob("input.*")).read_bytes())
    for _ in range(dice.randint(1, 40)):
        body[dice.randrange(len(body))] = dice.randrange(256)
    cut = body[: dice.randrange(1, len(body) + 1)]
    for damaged in (bytes(body), bytes(cut)):
        as_json(kind, damaged, told)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.parent.name}/{case.name}")
@pytest.mark.parametrize("wrong", ["http://[", "//[x", "javascript:", "http://\x00", "0" * 5000])
def test_wrong_addresses_cost_no_item(case: Path, wrong: str):
    told = json.loads((case / "meta.json").read_text(encoding="utf-8"))
    body = next(case.glob("input.*")).read_bytes()
    whole = as_json(case.parent.name, body, told)
    hurt = as_json(case.parent.name, body.replace(b"https://", wrong.encode() + b"/"), told)
    assert len(hurt.get("items", [])) >= len(whole.get("items", [])) * 0.5


@pytest.mark.skipif(not RECORDED, reason="the recorded pages of other sites are not at hand")
@pytest.mark.parametrize(
    ("kind", "path"), RECORDED, ids=lambda value: getattr(value, "name", value)
)
def test_real_pages_are_never_silently_empty(kind: str, path: Path):
    role = {"wordpress": "comments"}.get(kind, "page")
    told = {"role": role, "state": COMMENTS}
    if reason := as_json(kind, path.read_bytes(), told).get("reason"):
        assert len(reason) > 10
        return
    page = parse(kind, path.read_bytes(), told)
    tally = Tally(items=len(page.items), quarantined=len(page.faults), pages=1)
    tally.note(page.note)
    odd = load_source(kind).EMPTY_IS_ODD
    outcome = finished(tally, items_before=0, empty_is_odd=odd)
    assert page.items or outcome.health != "healthy"
    assert all(item.text or item.rating is not None for item in page.items)
