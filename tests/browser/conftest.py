"""Debian's Chromium, driven by Playwright, on the console of a real server; whatever it complains of fails the test."""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.running import RunningServer, portrait, start_server

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, Route

CONSOLE = Path(__file__).parents[2] / "src" / "oss_faces" / "console"
STEP_MS = 20_000
LOCALE = "en-GB"
PERMISSIONS = ["clipboard-read", "clipboard-write"]


@pytest.fixture(scope="package")  # and no longer: where its event loop is under way, no other test can have one
def browser() -> Iterator["Browser"]:
    playwright = pytest.importorskip("playwright.sync_api", reason="needs the package playwright")
    program = shutil.which("chromium")
    if program is None:
        pytest.skip("needs the program chromium")
    with playwright.sync_playwright() as started:
        opened = started.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield opened
        opened.close()


@dataclass
class Window:
    """One page in a profile of its own, and everything that the browser complained of."""

    page: "Page"
    complaints: list[str] = field(default_factory=list)

    def hear(self) -> None:
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("console", lambda told: self.complaints.append(told.text) if told.type != "log" else None)

    def forgive(self, status: int) -> None:
        """Take out what Chromium says of each answer with this status; the test has asked for it."""
        self.complaints = [told for told in self.complaints if f"status of {status} " not in told]


@pytest.fixture
def open_window(browser: "Browser") -> Iterator[Callable[..., Window]]:
    """Opens windows of a size; what each of them complains of fails the test in the end."""
    windows: list[Window] = []

    def opened(width: int = 1280, height: int = 800, **options: object) -> Window:
        viewport = {"width": width, "height": height}
        context = browser.new_context(viewport=viewport, locale=LOCALE, permissions=PERMISSIONS, **options)
        context.set_default_timeout(STEP_MS)
        windows.append(Window(context.new_page()))
        windows[-1].hear()
        return windows[-1]

    yield opened
    for window in windows:
        window.page.context.close()
    assert [told for window in windows for told in window.complaints] == []


@pytest.fixture
def window(open_window: Callable[..., Window]) -> Window:
    return open_window()


@pytest.fixture
def modules(window: Window) -> "Page":
    """An empty page that can import the console's modules; no server is there, files come from the disk."""
    origin = "http://127.0.0.1:9/"

    def answer(route: "Route") -> None:
        path = route.request.url.removeprefix(origin)
        if path:
            route.fulfill(path=CONSOLE / path, content_type="text/javascript")
        else:
            route.fulfill(body="<!doctype html><title>modules</title>", content_type="text/html")

    window.page.route(f"{origin}**", answer)
    window.page.goto(origin)
    return window.page


@dataclass(frozen=True)
class Site:
    """A running server and where its console is."""

    server: RunningServer
    url: str

    def enter(self, page: "Page", place: str = "") -> None:
        """Sign in with the root key, and go to a place, such as `objects/photos`."""
        page.goto(self.url)
        self.sign_in(page)
        if place:
            page.goto(f"{self.url}#/{place}")

    def sign_in(self, page: "Page") -> None:
        """Fill in what is asked for at the door."""
        page.get_by_label("Access key id").fill(self.server.access_key_id)
        page.get_by_label("Access key secret").fill(self.server.access_key_secret)
        page.get_by_role("button", name="Sign in").click()
        page.get_by_role("heading", name="Buckets").wait_for()


@pytest.fixture(scope="package")
def site(browser: "Browser", tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A server of its own with the portrait in the bucket `photos`. Without a browser it is not even started."""
    server = start_server(tmp_path_factory.mktemp("console"))
    assert server.process.stdout is not None
    url = next(line.split()[1] for line in server.process.stdout if line.strip().startswith("console"))
    bucket = server.bucket("photos")
    bucket.create_bucket()
    bucket.put_object_from_file("portrait.png", str(portrait()))
    yield Site(server, url)
    assert server.stop() == 0
