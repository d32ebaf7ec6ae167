"""People: found, named, found again, joined, taken apart, forgotten. One story, in the order in which it is told."""

import json
import re
from pathlib import Path

import pytest
from alibabacloud_imm20200930 import models

from tests.browser.conftest import Site, Window
from tests.crowd import jpeg, picture
from tests.imm_clients import imm

PERSONS = ("astronaut", "63")
EACH = 3
NAME = "<b>Ann</b><script>alert(1)</script>"


@pytest.fixture(scope="module")
def album(site: Site) -> Site:
    """A bucket with three pictures of each of two persons, and one more of the first to ask about."""
    bucket = site.server.bucket("album")
    bucket.create_bucket()
    for person in PERSONS:
        for number in range(EACH):
            bucket.put_object(f"in/{person}-{number}.jpg", jpeg(picture(person, number)))
    bucket.put_object("in/broken.jpg", b"no picture")
    bucket.put_object("in/notes.txt", b"not looked at")
    return site


def at(window: Window, album: Site, name: str = "") -> None:
    """Sign in and open the people, or one of them."""
    album.enter(window.page)
    window.page.evaluate("localStorage.setItem('oss-faces.dataset', 'console/friends')")
    window.page.goto(f"{album.url}#/people")
    if name:
        window.page.get_by_role("link", name=name).first.click()
        window.page.get_by_role("button", name="Forget").wait_for()


def test_a_bucket_is_read_and_its_people_are_found(album: Site, window: Window) -> None:
    """With progress; what is no picture is told by name, and everyone who is seen three times is there."""
    page = window.page
    at(window, album)
    page.get_by_role("button", name="New group").click()
    page.get_by_label("Name of the group").fill("friends")
    page.get_by_role("button", name="Create", exact=True).click()
    page.get_by_text("Nobody here yet").wait_for()
    page.get_by_role("button", name="Add pictures").click()
    page.get_by_label("Bucket", exact=True).fill("album")
    page.get_by_label("Beginning of the names").fill("in/")
    page.get_by_role("button", name="Add", exact=True).click()
    page.get_by_text("6 pictures looked at, 1 failed. 6 faces sorted, 2 new people.").wait_for(timeout=60_000)
    assert page.locator(".failures li").count() == 1
    assert "oss://album/in/broken.jpg" in page.locator(".failures li").inner_text()
    page.get_by_text("2 people").wait_for()
    page.locator(".tile img").nth(1).wait_for()
    assert page.locator(".tile").all_inner_texts() == ["unnamed\n3 faces"] * 2


def test_a_person_gets_a_name_which_is_text(album: Site, window: Window) -> None:
    """Whatever is in it is shown as it was written, and kept so."""
    page = window.page
    at(window, album, "unnamed")
    page.locator(".tile").nth(EACH - 1).wait_for()
    assert page.locator(".tile").count() == EACH
    page.get_by_role("button", name="Give a name").click()
    page.get_by_label("Name", exact=True).fill(NAME)
    page.get_by_role("button", name="Save").click()
    page.get_by_role("heading", name=NAME).wait_for()
    page.get_by_role("link", name="People").first.click()
    # On a tile: the page of the person, which has the name twice, may still be open.
    page.locator(".tile").get_by_text(NAME, exact=True).wait_for()
    assert page.locator("main b, main script").count() == 0


def test_a_person_is_found_again_on_a_picture_of_this_machine(album: Site, window: Window) -> None:
    """With the name, the similarity and the error to expect; the picture is gone from the bucket afterwards."""
    page = window.page
    shown = _shown_person(album)
    at(window, album)
    page.get_by_role("button", name="Search by picture").click()
    page.get_by_label("Bucket", exact=True).fill("album")
    content = jpeg(picture(shown, 40))
    page.get_by_label("Or a picture from this machine").set_input_files(
        {"name": "who.jpg", "mimeType": "image/jpeg", "buffer": content}
    )
    page.get_by_role("button", name="Search", exact=True).click()
    match = page.locator(".match")
    match.wait_for()
    words = match.inner_text()
    assert NAME in words
    assert re.search(r"Similarity (0\.\d+|1)\n", words)
    assert re.search(r"(One|Fewer than one) pair of strangers in [\d,]+ is as similar\.", words)
    assert re.search(r"Among 6 faces, (< )?[\d.]+ wrong matches are to be expected\.", words)
    keys = [one.key for one in album.server.bucket("album").list_objects_v2().object_list]
    assert not [key for key in keys if key.startswith(".console/")]


def test_two_are_joined_and_taken_apart_again(album: Site, window: Window) -> None:
    """The name stays; Undo brings both back."""
    page = window.page
    at(window, album)
    page.locator(".tile").nth(1).wait_for()
    for tile in page.locator(".tile").all():
        tile.get_by_role("checkbox").check(force=True)
    page.get_by_role("button", name="Make one person of them").click()
    page.get_by_text("1 person", exact=True).wait_for()
    assert page.locator(".tile").all_inner_texts() == [f"{NAME}\n6 faces"]
    page.get_by_role("button", name="Undo").click()
    page.get_by_text("2 people").wait_for()


def test_faces_are_split_off(album: Site, window: Window) -> None:
    """The chosen face becomes a person with the name that was given; the rest stays."""
    page = window.page
    at(window, album, "unnamed")
    page.locator(".tile").first.get_by_role("checkbox").check(force=True)
    page.get_by_role("button", name="Make another person of them").click()
    page.get_by_label("Name", exact=True).fill("Bea")
    page.get_by_role("dialog").get_by_role("button", name="Make another person of them").click()
    page.get_by_role("heading", name="Bea").wait_for()
    page.get_by_text("put here by a person").wait_for()
    assert page.locator(".tile").count() == 1


def test_a_person_is_forgotten_with_a_receipt(album: Site, window: Window) -> None:
    """Everything is gone, the receipt says that nothing was found that is left, and names nobody."""
    page = window.page
    at(window, album, NAME)
    page.get_by_role("button", name="Forget", exact=True).click()
    page.get_by_text("The pictures themselves stay in their buckets.").wait_for()
    page.get_by_role("button", name="Forget for good").click()
    page.get_by_text("Forgotten. Nothing was found that is left.").wait_for(timeout=60_000)
    assert "3 faces, 3 vectors, 3 files" in page.get_by_role("dialog").inner_text()
    with page.expect_download() as kept:
        page.get_by_role("button", name="Save the receipt").click()
    receipt = json.loads(Path(kept.value.path()).read_text())
    assert (receipt["FigureCount"], receipt["Search"]["FoundIn"]) == (3, 0)
    assert "Ann" not in json.dumps(receipt)
    page.get_by_role("dialog").get_by_role("button", name="Close").last.click()
    page.get_by_role("heading", name="People").wait_for()
    page.get_by_text("Bea").wait_for()
    assert page.get_by_text(NAME).count() == 0


def _shown_person(album: Site) -> str:
    """Tell whose picture stands for the one who has the name."""
    asked = models.QueryFigureClustersRequest(project_name="console", dataset_name="friends")
    found = imm(album.server).query_figure_clusters(asked).body.figure_clusters
    cover = next(one.cover.uri for one in found if one.name == NAME)
    return next(person for person in PERSONS if f"/{person}-" in cover)
