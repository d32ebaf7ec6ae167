"""Debian's Chromium, driven by Playwright, on the console of a real server; whatever it complains of fails the test."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

playwright = pytest.importorskip("playwright.sync_api", reason="needs the package playwright")

CONSOLE = Path(__file__).parents[2] / "src" / "oss_faces" / "console"
STEP_MS = 15_000


@pytest.fixture(scope="session")
def browser() -> Iterator["playwright.Browser"]:
    program = shutil.which("chromium")
    if program is None:
        pytest.skip("needs the program chromium")
    with playwright.sync_playwright() as started:
        opened = started.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield opened
        opened.close()


@dataclass
class Window:
    """One page, and everything that the browser complained of."""

    page: "playwright.Page"
    complaints: list[str] = field(default_factory=list)

    def hear(self) -> None:
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("console", lambda told: self.complaints.append(told.text) if told.type != "log" else None)


@pytest.fixture
def window(browser: "playwright.Browser") -> Iterator[Window]:
    """A fresh profile. A test that expects a complaint takes it out of the list itself."""
    context = browser.new_context(viewport={"width": 1280, "height": 800}, locale="en-GB", accept_downloads=True)
    context.set_default_timeout(STEP_MS)
    opened = Window(context.new_page())
    opened.hear()
    yield opened
    context.close()
    assert opened.complaints == []


@pytest.fixture
def modules(window: Window) -> "playwright.Page":
    """An empty page that can import the console's modules; no server is there, files come from the disk."""
    origin = "http://127.0.0.1:9/"

    def answer(route: "playwright.Route") -> None:
        path = route.request.url.removeprefix(origin)
        if path:
            route.fulfill(path=CONSOLE / path, content_type="text/javascript")
        else:
            route.fulfill(body="<!doctype html><title>modules</title>", content_type="text/html")

    window.page.route(f"{origin}**", answer)
    window.page.goto(origin)
    return window.page
