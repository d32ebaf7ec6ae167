"""The console in a browser: bytes, first paint, and how evenly ten thousand tiles scroll.

    python -m benchmarks.console

Needs Debian's chromium and the package playwright, which only the tests bring. Each start is in a fresh profile,
so nothing is in the browser's cache. Times are of this machine and this moment; what else runs on it is in them.
"""

import json
import re
import shutil
import statistics
from collections.abc import Callable
from typing import Any, Final

from benchmarks.running import Server, running_server

ROUNDS: Final = 9
OBJECTS: Final = 10_000
# Places, and the heading that tells that all of a page's files are there.
PAGES: Final = {
    "people": "People",
    "usage": "Usage",
    "system": "System",
    "objects/benchmarks": "benchmarks",
    "picture/benchmarks/none": "none",
}

_FIRST_PAINT: Final = """() => new Promise((resolve) => {
    const look = (list) => list.getEntriesByName("first-contentful-paint").forEach((entry) => resolve(entry.startTime));
    new PerformanceObserver(look).observe({ type: "paint", buffered: true });
})"""
_FRAMES: Final = """() => new Promise((resolve) => {
    const frames = [];
    let last = performance.now();
    const step = (now) => {
        frames.push(now - last);
        last = now;
        window.scrollBy(0, 120);
        if (frames.length < 300) requestAnimationFrame(step);
        else resolve(frames.slice(1));
    };
    requestAnimationFrame(step);
})"""


def main() -> None:
    """Measure, and print one line for each figure."""
    from playwright.sync_api import sync_playwright  # noqa: PLC0415  # the other benchmarks do without it

    with running_server() as server, sync_playwright() as playwright:
        url = _console_of(server)
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        starts = [_start(browser, url) for _ in range(ROUNDS)]
        _print("first contentful paint, ms", [start[0] for start in starts])
        _print("sign-in can be used, ms", [start[1] for start in starts])
        print(f"bytes over the wire until then: {starts[0][2]:,}")
        print(f"bytes over the wire, all pages: {_whole(browser, url, server):,}")
        _print("frame while 10,000 objects scroll, ms", _scroll(browser, url, server))
        browser.close()


def _print(what: str, values: list[float]) -> None:
    ordered = sorted(values)
    print(
        f"{what}: median {statistics.median(ordered):.1f}, "
        f"95 % {ordered[int(0.95 * (len(ordered) - 1))]:.1f}, highest {ordered[-1]:.1f}"
    )


def _console_of(server: Server) -> str:
    assert server.process.stdout is not None, "the server was started with a pipe"
    return next(line.split()[1] for line in server.process.stdout if line.strip().startswith("console"))


def _weigh(page: Any, url: str) -> Callable[[], int]:
    """Count the bytes of the console's own files, headers included."""
    finished: list[Any] = []
    page.on("requestfinished", lambda request: finished.append(request) if request.url.startswith(url) else None)

    def weigh() -> int:
        sizes = [request.sizes() for request in list(finished)]
        return sum(size["responseBodySize"] + size["responseHeadersSize"] for size in sizes)

    return weigh


def _start(browser: Any, url: str) -> tuple[float, float, int]:
    context = browser.new_context(locale="en-GB")
    page = context.new_page()
    weight = _weigh(page, url)
    page.goto(url)
    page.get_by_label("Access key id").wait_for()
    usable = page.evaluate("performance.now()")
    painted = page.evaluate(_FIRST_PAINT)
    total = weight()
    context.close()
    return painted, usable, total


def _enter(page: Any, url: str, server: Server) -> None:
    key = json.loads((server.folder / "data" / "root-key.json").read_text())
    page.goto(url)
    page.get_by_label("Access key id").fill(key["access_key_id"])
    page.get_by_label("Access key secret").fill(key["access_key_secret"])
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("heading", name="Buckets").wait_for()


def _whole(browser: Any, url: str, server: Server) -> int:
    context = browser.new_context(locale="en-GB")
    page = context.new_page()
    weight = _weigh(page, url)
    _enter(page, url, server)
    for place, heading in PAGES.items():
        page.goto(f"{url}#/{place}")
        page.get_by_role("heading", name=heading, exact=True).wait_for()
    total = weight()
    context.close()
    return total


def _scroll(browser: Any, url: str, server: Server) -> list[float]:
    """Scroll through a listing that the test makes up, 120 pixels in each frame: faster than a hand does."""
    context = browser.new_context(locale="en-GB", viewport={"width": 1280, "height": 800})
    page = context.new_page()
    _enter(page, url, server)
    page.route(f"{server.endpoint}/endless/**", _answer)
    page.goto(f"{url}#/objects/endless")
    page.get_by_text("00000.txt").wait_for()
    frames: list[float] = page.evaluate(_FRAMES)
    context.close()
    return frames


def _answer(route: Any) -> None:
    token = re.search(r"continuation-token=(\d+)", route.request.url)
    first = int(token.group(1)) if token else 0
    entries = "".join(
        f"<Contents><Key>{number:05}.txt</Key><ETag>{number}</ETag><Size>1</Size></Contents>"
        for number in range(first, min(first + 1000, OBJECTS))
    )
    more = f"<NextContinuationToken>{first + 1000}</NextContinuationToken>" if first + 1000 < OBJECTS else ""
    body = f"<ListBucketResult>{more}{entries}</ListBucketResult>"
    route.fulfill(body=body, content_type="application/xml", headers={"Access-Control-Allow-Origin": "*"})


if __name__ == "__main__":
    main()
