"""The pages in a real browser: nothing runs, nothing overflows, the list keeps itself fresh."""

from __future__ import annotations

import shutil
import socket
import threading
from collections.abc import Iterator
from dataclasses import replace

import pytest
import uvicorn

from monitor.web.app import WebServices, build_app
from monitor.web.sessions import issue_link
from tests.web import filling
from tests.web.test_hostile_text import CORPUS

pytestmark = pytest.mark.browser

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]


@pytest.fixture
def served(services: WebServices) -> Iterator[WebServices]:
    """The application on a real port."""
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{listening.getsockname()[1]}"
    here = replace(services, base_url=url)
    server = uvicorn.Server(uvicorn.Config(build_app(here), log_config=None, ws="none"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    yield here
    server.should_exit = True
    thread.join()


@pytest.fixture(scope="module")
def browser():
    if CHROMIUM is None:
        pytest.skip("Chromium is not installed")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield running
        running.close()


def opened(browser, services: WebServices, **options):
    """A signed-in page that notes everything suspicious in `page.complaints`."""
    page = browser.new_context(locale="en-GB", **options).new_page()
    page.complaints = []
    page.on("console", lambda message: page.complaints.append(message.text))
    page.on("dialog", lambda dialog: (page.complaints.append("dialog"), dialog.dismiss()))
    page.on("request", lambda request: _note_foreign(page, services, request.url))
    page.goto(issue_link(services.database, services.clock, services.base_url, "Anna"))
    page.click("main button")
    page.wait_for_url("**/inbox")
    return page


def _note_foreign(page, services: WebServices, url: str) -> None:
    if not url.startswith(services.base_url):
        page.complaints.append(url)


def hear_hostile(services: WebServices) -> list[int]:
    items = [
        filling.found(n, f"{text} {'x' * 300}", title=text, author=text, rating=1.0, lang="en")
        for n, text in enumerate(CORPUS)
    ]
    return filling.hear(services.database, services.clock, items)


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark"), (320, "light")])
def test_no_page_runs_foreign_text_or_scrolls_sideways(browser, served, width, scheme):
    tasks = hear_hostile(served)
    page = opened(browser, served, viewport={"width": width, "height": 844}, color_scheme=scheme)
    for path in ("/inbox", "/sources", "/nowhere", *(f"/tasks/{n}" for n in tasks[:6])):
        page.goto(served.base_url + path)
        for details in page.locator("main details").all()[:6]:
            details.evaluate("element => element.open = true")
        root = "document.documentElement"
        assert page.evaluate(f"{root}.scrollWidth <= {root}.clientWidth"), path
    assert [c for c in page.complaints if "404" not in c] == []


def test_new_tasks_come_by_themselves_and_open_ones_stay(browser, served):
    filling.hear(served.database, served.clock, [filling.found(1, "First", rating=1.0)])
    page = opened(browser, served)
    page.locator(".why summary").first.click()
    filling.hear(served.database, served.clock, [filling.found(2, "Second", rating=1.0)])
    page.locator(".task").nth(1).wait_for(timeout=15_000)
    assert page.locator(".why[open]").count() == 1
    assert page.locator("#live").inner_text() == "One new task"
    served.desk.claim(2, 1, "Béla")
    page.get_by_text("Béla").wait_for(timeout=15_000)
    assert page.complaints == []


def test_a_task_is_claimed_with_the_keyboard_alone(browser, served):
    filling.hear(served.database, served.clock, [filling.found(1, "First", rating=1.0)])
    page = opened(browser, served)
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.textContent.trim()") == "Claim":
            break
    page.keyboard.press("Enter")
    page.locator(".state-claimed").wait_for()
    assert page.locator(".owner").inner_text() == "Anna"


def test_everything_works_without_javascript(browser, served):
    filling.hear(served.database, served.clock, [filling.found(1, "First", rating=1.0)])
    page = opened(browser, served, java_script_enabled=False)
    page.fill("input[name=q]", "first")
    page.click(".go button")
    page.click(".quote")
    page.click(".buttons .primary")
    page.locator(".notice.done").wait_for()
    assert "Saved: Claimed" in page.locator(".notice").inner_text()
