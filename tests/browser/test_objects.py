"""Buckets and what is in them."""

import io
import re

from PIL import Image, ImageDraw

from tests.browser.conftest import Site, Window

UPLOADED = 200
MANY = 10_000
SCRIPT = "<img src=x onerror=alert(1)><svg onload=alert(2)>.txt"


def drawn(number: int) -> bytes:
    """Draw a small picture that is like no other one."""
    picture = Image.new("RGB", (64, 64), (number % 256, 90, 160))
    ImageDraw.Draw(picture).ellipse((8, 8, 56, 56), fill=(255, 255 - number % 256, 120))
    written = io.BytesIO()
    picture.save(written, "JPEG")
    return written.getvalue()


def test_two_hundred_pictures_are_uploaded_with_progress(site: Site, window: Window) -> None:
    """Into a bucket made for them; each is stored as it was, and shown when all are there."""
    page = window.page
    site.enter(page)
    page.get_by_role("button", name="New bucket").click()
    page.get_by_label("Name of the bucket").fill("holiday")
    page.get_by_role("button", name="Create", exact=True).click()
    page.get_by_text("Nothing here yet").wait_for()
    files = [
        {"name": f"{number:03}.jpg", "mimeType": "image/jpeg", "buffer": drawn(number)} for number in range(UPLOADED)
    ]
    page.locator("input[type=file]").set_input_files(files)
    page.get_by_text(re.compile(r"\d+ of 200 stored")).wait_for()
    page.get_by_text("All 200 stored").wait_for(timeout=90_000)
    page.get_by_text("200 entries").wait_for()
    page.locator(".tile img").first.wait_for()
    stored = site.server.bucket("holiday")
    assert len(stored.list_objects_v2(max_keys=1000).object_list) == UPLOADED
    assert stored.get_object("117.jpg").read() == drawn(117)
    assert stored.head_object("117.jpg").content_type == "image/jpeg"


def test_uploads_are_stopped_in_the_middle(site: Site, window: Window) -> None:
    """What is not stored by then is not stored at all, and the page says how many were."""
    page = window.page
    site.server.bucket("stopped").create_bucket()
    site.enter(page, "objects/stopped")
    page.get_by_text("Nothing here yet").wait_for()
    # Three are let through, the next ones wait until they are stopped: no clock decides.
    count = 0

    def answer(route) -> None:
        nonlocal count
        if route.request.method == "PUT":
            count += 1
            if count > 3:
                return
        route.continue_()

    page.route(f"{site.server.endpoint}/stopped/**", answer)
    files = [{"name": f"{number}.jpg", "mimeType": "image/jpeg", "buffer": drawn(number)} for number in range(20)]
    page.locator("input[type=file]").set_input_files(files)
    page.get_by_text("3 of 20 stored").wait_for()
    page.get_by_role("button", name="Stop").click()
    page.get_by_text("Stopped: 3 of 20 stored.").wait_for()
    page.get_by_text("3 entries").wait_for()
    assert len(site.server.bucket("stopped").list_objects_v2().object_list) == 3


def test_what_is_deleted_can_be_taken_back(site: Site, window: Window) -> None:
    """Until the note goes nothing is deleted; taken back, everything is there again; else it is gone."""
    page = window.page
    page.clock.install()
    bucket = site.server.bucket("bin")
    bucket.create_bucket()
    for name in ("a.txt", "b.txt", "c.txt"):
        bucket.put_object(name, b"x")
    site.enter(page, "objects/bin")

    def delete(*names: str) -> None:
        for name in names:
            page.get_by_label(f"Choose {name}").check(force=True)
        page.get_by_role("button", name="Delete").click()

    delete("a.txt", "b.txt")
    page.get_by_text("1 entry").wait_for()
    page.get_by_role("button", name="Undo").click()
    page.get_by_text("3 entries").wait_for()
    page.clock.run_for(20_000)
    assert len(bucket.list_objects_v2().object_list) == 3
    delete("b.txt")
    with page.expect_response(lambda response: response.request.method == "DELETE"):
        page.clock.run_for(9_000)
    page.get_by_text("2 entries").wait_for()
    assert [one.key for one in bucket.list_objects_v2().object_list] == ["a.txt", "c.txt"]


def test_who_signs_out_deletes_nothing_any_more(site: Site, window: Window) -> None:
    """What still waits is not done: the note with Undo is gone, and so must be what it would take back."""
    page = window.page
    page.clock.install()
    bucket = site.server.bucket("left")
    bucket.create_bucket()
    bucket.put_object("a.txt", b"x")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.method))
    site.enter(page, "objects/left")
    page.get_by_label("Choose a.txt").check(force=True)
    page.get_by_role("button", name="Delete").click()
    page.get_by_text("Nothing here yet").wait_for()
    page.get_by_role("button", name="Sign out").click()
    page.get_by_label("Access key id").wait_for()
    page.clock.run_for(20_000)
    # The same key again: by the time its page is there, an earlier request would be too.
    site.sign_in(page)
    page.goto(f"{site.url}#/objects/left")
    page.get_by_text("a.txt").wait_for()
    assert "DELETE" not in asked


def test_a_bucket_that_goes_later_leaves_the_open_page_alone(site: Site, window: Window) -> None:
    """Deleted or not, the page that is open by then is not drawn anew; what failed is told there."""
    page = window.page
    page.clock.install()
    site.server.bucket("going").create_bucket()
    full = site.server.bucket("staying")
    full.create_bucket()
    full.put_object("a.txt", b"x")
    site.enter(page)
    for name in ("going", "staying"):
        page.get_by_role("button", name=f"Delete the bucket {name}").click()
    page.goto(f"{site.url}#/usage")
    page.get_by_label("From").fill("2020-01-01")
    page.clock.run_for(9_000)
    page.get_by_text("staying: The bucket is not empty.").wait_for()
    assert page.get_by_label("From").input_value() == "2020-01-01"
    page.get_by_role("link", name="Buckets").click()
    page.get_by_role("link", name="staying").wait_for()
    # The refusal of the one may have overtaken the end of the other, with which the page is drawn anew.
    page.get_by_role("link", name="going").wait_for(state="detached")
    window.forgive(409)


def test_a_list_that_begins_anew_drops_the_page_on_its_way(site: Site, window: Window) -> None:
    """When an upload ends while the next page is read, the list is again that from its beginning."""
    page = window.page
    held = []

    def answer(route) -> None:
        if route.request.method == "PUT":
            route.fulfill(body="", headers=_ALLOWED)
        elif "continuation-token" in route.request.url:
            held.append(route)
        else:
            route.fulfill(body=_listing(0, 1000), content_type="application/xml", headers=_ALLOWED)

    site.enter(page)
    page.route(f"{site.server.endpoint}/pages/**", answer)
    page.goto(f"{site.url}#/objects/pages")
    page.get_by_text("1,000 entries").wait_for()
    with page.expect_request(lambda request: "continuation-token" in request.url):
        page.evaluate("window.scrollTo(0, document.documentElement.scrollHeight)")
    with page.expect_request(lambda request: "list-type" in request.url and "continuation" not in request.url):
        page.locator("input[type=file]").set_input_files({"name": "new.txt", "mimeType": "text/plain", "buffer": b"x"})
        page.get_by_text("All 1 stored").wait_for()
    late = _listing(1000, 1001).replace(">1001</NextC", "></NextC")
    held[0].fulfill(body=late, content_type="application/xml", headers=_ALLOWED)
    page.evaluate(AFTER_A_FRAME)
    page.evaluate("window.scrollTo(0, 0)")
    page.get_by_text("00000.txt").wait_for()
    page.get_by_text("1,000 entries and more").wait_for()


def test_a_key_with_html_and_script_is_shown_as_text(site: Site, window: Window) -> None:
    """In the list, on its own page and in the list of requests; nothing of it becomes an element, nothing runs."""
    page = window.page
    bucket = site.server.bucket("odd")
    bucket.create_bucket()
    bucket.put_object(SCRIPT, b"no picture")
    bucket.put_object('"><b>folder/x', b"x")
    dialogs: list[str] = []
    page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    site.enter(page, "objects/odd")
    page.get_by_text(SCRIPT, exact=True).wait_for()
    assert page.get_by_text('"><b>folder/', exact=True).count() == 1
    page.get_by_text(SCRIPT, exact=True).click()
    page.get_by_role("heading", name=SCRIPT).wait_for()
    page.get_by_role("alert").get_by_text("This is not a picture that can be read.").wait_for()
    page.get_by_role("button", name="Requests behind the clicks").click()
    # The picture is refused too, in whatever order; the list is drawn anew with each.
    page.locator(".journal summary").filter(has_text="auto-orient").wait_for()
    page.locator(".journal summary").filter(has_text="image/info").click()
    page.locator(".journal pre").first.wait_for()
    assert page.locator("main b, main img[src='x'], dialog img, main svg[onload]").count() == 0
    assert dialogs == []
    window.forgive(400)


def test_ten_thousand_objects_scroll_with_few_of_them_in_the_document(site: Site, window: Window) -> None:
    """The list is read page by page as it scrolls; the tiles in the document stay few, and the last one is reached."""
    page = window.page
    asked: list[str] = []

    def answer(route) -> None:
        token = re.search(r"continuation-token=(\d+)", route.request.url)
        first = int(token.group(1)) if token else 0
        asked.append(route.request.url)
        route.fulfill(body=_listing(first, min(first + 1000, MANY)), content_type="application/xml", headers=_ALLOWED)

    site.enter(page)
    page.route(f"{site.server.endpoint}/endless/**", answer)
    page.goto(f"{site.url}#/objects/endless")
    page.get_by_text("0000.txt").first.wait_for()
    most = 0
    for thousands in range(1, MANY // 1000 + 1):
        page.get_by_text(f"{thousands},000 entries").wait_for()
        for share in (0.3, 0.6, 1):
            page.evaluate("share => window.scrollTo(0, document.documentElement.scrollHeight * share)", share)
            most = max(most, page.evaluate(AFTER_A_FRAME))
    page.get_by_text("09999.txt").wait_for()
    assert len(asked) == MANY // 1000
    assert 0 < most < 120
    page.keyboard.press("Home")
    page.get_by_text("00000.txt").wait_for()


# Tiles in the document when the browser has drawn what a scroll has brought.
AFTER_A_FRAME = """() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(() =>
    resolve(document.querySelectorAll(".tile").length))))"""
_ALLOWED = {"Access-Control-Allow-Origin": "*"}


def _listing(first: int, end: int) -> str:
    entries = "".join(
        f"<Contents><Key>{number:05}.txt</Key><LastModified>2026-11-29T00:00:00.000Z</LastModified>"
        f'<ETag>"{number}"</ETag><Size>1</Size></Contents>'
        for number in range(first, end)
    )
    more = f"<NextContinuationToken>{end}</NextContinuationToken>" if end < MANY else ""
    return f"<ListBucketResult>{more}{entries}</ListBucketResult>"


def test_dropped_files_are_stored_below_the_open_folder(site: Site, window: Window) -> None:
    """Files that are dropped on the page keep their names, under the prefix that is open."""
    page = window.page
    bucket = site.server.bucket("dropped")
    bucket.create_bucket()
    bucket.put_object("2024/first.txt", b"x")
    site.enter(page, "objects/dropped/2024/")
    page.get_by_text("first.txt").wait_for()
    page.evaluate(
        """() => {
            const transfer = new DataTransfer();
            transfer.items.add(new File(["hello"], "a b.txt", { type: "text/plain" }));
            for (const name of ["dragover", "drop"])
                window.dispatchEvent(new DragEvent(name, { dataTransfer: transfer, bubbles: true, cancelable: true }));
        }"""
    )
    page.get_by_text("a b.txt").wait_for()
    assert bucket.get_object("2024/a b.txt").read() == b"hello"
