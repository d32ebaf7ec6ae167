"""Parts of the console on an empty page, with services that the test makes. Instead of words their names are seen."""

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Page

# Uploads end when the test says so: `window.end(index)`, or with an error `window.fail(index)`.
UPLOADS = """async () => {
    const { uploads } = await import("./js/parts/upload_panel.js");
    const ends = [];
    const put = (bucket, key, file, onProgress) =>
        new Promise((resolve, reject) => ends.push({ resolve, reject, onProgress }));
    const named = (key) => ({ key, file: new File(["x"], key) });
    window.store = (...keys) => void uploads.add({ put }, "photos", keys.map(named));
    window.send = (index) => ends[index].onProgress(1);
    window.end = (index) => ends[index].resolve();
    window.fail = (index) => ends[index].reject(new Error("no"));
}"""
PANEL = "section.float"


def test_the_list_of_uploads_stays_closed(modules: "Page") -> None:
    """Whoever closes it while files go is not shown it again with the next byte, but is when one was not stored."""
    modules.evaluate(UPLOADS)
    modules.evaluate("store('a', 'b')")
    modules.locator(PANEL).get_by_role("button", name="close").click()
    modules.evaluate("send(0)")
    modules.evaluate("end(0)")
    assert modules.locator(PANEL).count() == 0
    modules.evaluate("fail(1)")
    modules.locator(f"{PANEL} .failures").wait_for()
    assert "b" in modules.locator(f"{PANEL} .failures").inner_text()


def test_every_run_of_uploads_can_be_stopped(modules: "Page") -> None:
    """The second one, too, though the list of the first is still open; what failed then is not told again."""
    modules.evaluate(UPLOADS)
    modules.evaluate("store('a')")
    assert modules.locator(PANEL).get_by_role("button", name="stop").count() == 1
    modules.evaluate("fail(0)")
    modules.locator(f"{PANEL} .failures").wait_for()
    assert modules.locator(PANEL).get_by_role("button", name="stop").count() == 0
    modules.evaluate("store('b')")
    assert modules.locator(PANEL).count() == 1
    assert modules.locator(PANEL).get_by_role("button", name="stop").count() == 1
    assert modules.locator(f"{PANEL} .failures").count() == 0


def test_a_receipt_is_shown_though_the_dialog_was_closed(modules: "Page") -> None:
    """Nobody gets it a second time; whoever closes the question while the person is erased sees it all the same."""
    modules.evaluate(
        """async () => {
            const { askToForget } = await import("./js/people/forget_dialog.js");
            const call = () => new Promise((resolve) => (window.erased = resolve));
            const person = { ObjectId: "c", FaceCount: 1, ImageCount: 1 };
            askToForget({ call }, { ProjectName: "p", DatasetName: "d" }, person);
        }"""
    )
    modules.get_by_role("button", name="forget.do").click()
    modules.get_by_text("forget.running").wait_for()
    modules.keyboard.press("Escape")
    assert modules.get_by_role("dialog").count() == 0
    modules.evaluate(
        """erased({ StoredURIs: [], SearchFailure: "", Receipt: {
            ReceiptId: "the-receipt", EraseTime: "2026-11-30T00:00:00Z", FigureCount: 1, FileCount: 1,
            VectorDigests: ["0"], LogEntry: { Number: 1, Digest: "00" },
            Search: { FileCount: 1, Size: 1, FoundIn: 0 } } })"""
    )
    modules.get_by_role("dialog").get_by_text("the-receipt").wait_for()
    modules.get_by_role("button", name="receipt.save").wait_for()


def test_a_picture_that_was_stored_for_a_search_goes_whatever_comes(modules: "Page") -> None:
    """Also when the user leaves in the moment in which it was stored, and the answer never comes."""
    modules.evaluate(
        """async () => {
            const { openSearch } = await import("./js/people/search_dialog.js");
            window.stored = new Set();
            window.seen = [];
            const objects = {
                buckets: async () => [],
                put: async (bucket, key) => {
                    stored.add(`${bucket}/${key}`);
                    seen.push(key);
                    throw new DOMException("left", "AbortError");
                },
                remove: async (bucket, key) => void stored.delete(`${bucket}/${key}`),
            };
            openSearch({ objects, media: {} }, {}, new AbortController().signal);
        }"""
    )
    modules.get_by_label("buckets.one").fill("photos")
    modules.get_by_label("search.file", exact=True).set_input_files(
        {"name": "me.jpg", "mimeType": "image/jpeg", "buffer": b"x"}
    )
    modules.get_by_role("button", name="search.do").click()
    modules.wait_for_function("seen.length === 1 && stored.size === 0")
    assert re.fullmatch(r"\.console/search-[0-9a-f-]{36}", modules.evaluate("seen[0]"))


def test_a_long_text_is_not_kept_in_the_list_of_requests(modules: "Page") -> None:
    """It is handed on whole, and its copy is not in memory; a short one is."""
    kept = modules.evaluate(
        """async () => {
            const { send } = await import("./js/api/transport.js");
            const { noted } = await import("./js/api/journal.js");
            const lengths = [10, 2_000_001];
            window.fetch = async (url) => {
                const text = "x".repeat(lengths[Number(url.at(-1))]);
                return new Response(text, { headers: { "content-type": "text/plain", "content-length": text.length } });
            };
            const found = [];
            for (const index of [0, 1]) {
                const sign = async () => ({ url: `http://127.0.0.1/${index}`, headers: {} });
                found.push((await (await send({ title: "t", target: "", method: "GET", sign })).text()).length);
            }
            return [found, noted().map(({ body }) => body.length)];
        }"""
    )
    assert kept == [[10, 2_000_001], [0, 10]]
