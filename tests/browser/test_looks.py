"""How the console looks and reads: every page, both themes and languages, on a phone, for a screen reader."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from alibabacloud_imm20200930 import models

from tests.browser.conftest import Site, Window
from tests.browser.heads import ANN, BEA, portrait_of
from tests.imm_clients import await_it, imm

# Only colours differ between the themes.
RULES = {"light": {}, "dark": {"runOnly": ["color-contrast", "link-in-text-block"]}}
PHONE = {"width": 390, "height": 844}
# Place, and what is there when the page is.
PAGES = {
    "buckets": ("buckets", ".bucket"),
    "objects": ("objects/shown", ".tile img"),
    "picture": ("picture/shown/Ann 1.jpg", ".face"),
    "people": ("people", ".tile img"),
    "usage": ("usage", ".chart"),
    "system": ("system", ".model"),
}


@pytest.fixture(scope="module")
def furnished(site: Site) -> Site:
    """A server on which every page has something to show: heads that were drawn, so that pictures of it can be kept."""
    bucket = site.server.bucket("shown")
    bucket.create_bucket()
    uris = []
    for name, person in (("Ann", ANN), ("Bea", BEA)):
        for number in range(3):
            bucket.put_object(f"{name} {number + 1}.jpg", portrait_of(person, number))
            uris.append(models.InputFile(uri=f"oss://shown/{name} {number + 1}.jpg"))
    bucket.put_object("notes/readme.txt", b"x")
    client = imm(site.server)
    place = {"project_name": "console", "dataset_name": "album"}
    # Other tests of the console may have been first.
    if not client.list_projects(models.ListProjectsRequest(prefix="console")).body.projects:
        client.create_project(models.CreateProjectRequest(project_name="console"))
    client.create_dataset(models.CreateDatasetRequest(**place))
    client.batch_index_file_meta(models.BatchIndexFileMetaRequest(**place, files=uris))
    await_it(lambda: client.get_dataset(models.GetDatasetRequest(**place)).body.dataset.file_count == len(uris))
    client.create_figure_clustering_task(models.CreateFigureClusteringTaskRequest(**place))
    query = models.QueryFigureClustersRequest(**place)
    await_it(lambda: client.query_figure_clusters(query).body.figure_clusters)
    return site


@pytest.fixture
def keep(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[Window, str], None]:
    """Keeps what a page looks like, in the folder that was named or in a temporary one."""
    folder = request.config.getoption("--screenshots") or tmp_path
    folder.mkdir(parents=True, exist_ok=True)

    def kept(window: Window, name: str) -> None:
        window.page.screenshot(path=folder / f"{name}.png", animations="disabled")

    return kept


def violations(window: Window, **options: object) -> list[str]:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="needs the package axe-playwright-python")
    found = axe.Axe().run(window.page, options=options).response["violations"]
    return [f"{one['id']}: {node['html']}" for one in found for node in one["nodes"]]


def walk(furnished: Site, window: Window, look: Callable[[str], None]) -> None:
    """Look at the sign-in, every page, a person, and the dialogs."""
    page = window.page
    page.goto(furnished.url)
    page.get_by_label("Access key id").wait_for()
    look("sign-in")
    furnished.enter(page)
    page.evaluate("localStorage.setItem('oss-faces.dataset', 'console/album')")
    for name, (place, there) in PAGES.items():
        page.goto(f"{furnished.url}#/{place}")
        page.locator(there).first.wait_for()
        look(name)
        if name == "people":
            page.locator(".tile-link").first.click()
            page.get_by_role("button", name="Forget", exact=True).wait_for()
            page.locator(".tile img").first.wait_for()
            look("person")
            page.get_by_role("button", name="Forget", exact=True).click()
            page.get_by_role("dialog").wait_for()
            look("forget")
            page.keyboard.press("Escape")
    page.get_by_role("button", name="Requests behind the clicks").click()
    page.locator(".journal summary").first.click()
    page.locator(".journal pre").first.wait_for()
    look("requests")


@pytest.mark.timeout(300)
def test_axe_finds_nothing_on_any_page_in_either_theme(
    furnished: Site, window: Window, keep: Callable[[Window, str], None]
) -> None:
    """No rule of axe-core is broken, those about colours in both themes; what was looked at is kept."""
    found: dict[str, list[str]] = {}

    def look(name: str) -> None:
        for theme, rules in RULES.items():
            window.page.emulate_media(color_scheme=theme)
            keep(window, f"{name}-{theme}")
            if told := violations(window, **rules):
                found[f"{name}, {theme}"] = told

    walk(furnished, window, look)
    assert found == {}


def test_on_a_phone_nothing_reaches_past_the_edge(
    furnished: Site, open_window: Callable[..., Window], keep: Callable[[Window, str], None]
) -> None:
    """No page has to be moved sideways, and the navigation is at hand."""
    window = open_window(**PHONE, has_touch=True, is_mobile=True)
    wide: list[str] = []

    def look(name: str) -> None:
        keep(window, f"{name}-phone")
        if window.page.evaluate("document.documentElement.scrollWidth > window.innerWidth"):
            wide.append(name)

    walk(furnished, window, look)
    assert wide == []


def test_the_language_is_switched_and_stays(
    furnished: Site, window: Window, keep: Callable[[Window, str], None]
) -> None:
    """Every word of the frame and the page, at once; after a reload too. The page says which language it is in."""
    page = window.page
    furnished.enter(page, "picture/shown/Ann 1.jpg")
    page.locator(".face").wait_for()
    page.get_by_label("Language").select_option("zh-TW")
    page.get_by_role("heading", name="人臉 1").wait_for()
    page.get_by_role("link", name="儲存空間").first.wait_for()
    assert page.locator("html").get_attribute("lang") == "zh-TW"
    assert page.locator(".face [data-field=Gender] dt").inner_text() == "性別"
    assert page.get_by_text("Head pose").count() == 0
    keep(window, "picture-zh-TW")
    page.reload()
    page.get_by_role("heading", name="人臉 1").wait_for()


def test_the_theme_is_that_of_the_system_until_one_is_chosen(
    furnished: Site, open_window: Callable[..., Window]
) -> None:
    """The switch goes on from the system's to light, to dark; what was chosen outlasts a reload."""
    page = open_window(color_scheme="dark").page
    page.goto(furnished.url)
    page.get_by_label("Access key id").wait_for()

    def ground() -> int:
        """How light the ground is, 0 to 255."""
        return page.evaluate("Number(getComputedStyle(document.body).backgroundColor.match(/\\d+/)[0])")

    assert ground() < 64
    page.get_by_role("button", name="Colours: as the system").click()
    assert ground() > 192
    page.get_by_role("button", name="Colours: light").click()
    assert ground() < 64
    page.emulate_media(color_scheme="light")
    page.reload()
    page.get_by_role("button", name="Colours: dark").wait_for()
    assert ground() < 64


def test_everything_is_reached_by_the_keyboard(furnished: Site, window: Window) -> None:
    """From the top of a bucket: skip the frame, open a picture, walk to the faces, without a pointer."""
    page = window.page
    furnished.enter(page, "objects/photos")
    page.locator(".tile img").first.wait_for()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the content"
    page.keyboard.press("Enter")
    for _ in range(12):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.title") == "portrait.png":
            break
    page.keyboard.press("Enter")
    page.locator(".face").wait_for()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.tagName") in {"A", "BUTTON"}


def test_the_first_page_and_the_whole_console_stay_small(site: Site, window: Window) -> None:
    """150 kB over the wire for the sign-in and all pages behind it, pictures and answers of the server left out."""
    origin = site.url.partition("/console/")[0]
    finished: list[Any] = []

    def weigh() -> int:
        sizes = [request.sizes() for request in list(finished)]
        return sum(size["responseBodySize"] + size["responseHeadersSize"] for size in sizes)

    page = window.page
    page.on("requestfinished", lambda request: finished.append(request) if request.url.startswith(origin) else None)
    page.goto(site.url)
    page.get_by_label("Access key id").wait_for()
    first = weigh()
    site.sign_in(page)
    for place, there in PAGES.values():
        page.goto(f"{site.url}#/{place}")
        page.locator(there if "people" not in place else "main").first.wait_for()
    assert 0 < first <= 60_000
    assert first < weigh() <= 150_000
