"""A picture: its faces, what is known of them, and the programs that ask for the same."""

import io
import json
import os
import re
import shutil
import subprocess
import sys

import pytest
from PIL import Image

from tests.browser.conftest import Site, Window
from tests.running import portrait

WORDS = ("Gender", "Emotion", "Mouth", "Beard", "Glasses", "Hat", "Mask")
SHOWN = {"close": "closed", "beard": "yes", "hat": "yes", "mask": "yes"}
INJECTED = "<script>alert(1)</script><b>bold</b>"


def shown(page) -> dict[str, str]:
    """Read what the panel says, by field."""
    rows = page.locator(".face [data-field]").all()
    return {row.get_attribute("data-field"): row.locator("dd").inner_text() for row in rows}


def answered(site: Site, key: str = "portrait.png", process: str = "image/faces") -> dict[str, object]:
    return json.loads(site.server.bucket("photos").get_object(key, process=process).read())


def test_the_values_on_the_page_are_those_of_the_answer(site: Site, window: Window) -> None:
    """Every field of the JSON that the SDK gets stands on the page, rounded, and the box lies where it says."""
    page = window.page
    site.enter(page, "picture/photos/portrait.png")
    page.locator(".face").wait_for()
    (figure,) = answered(site)["Figures"]
    said = shown(page)
    for field in WORDS:
        word, share = figure[field], figure[f"{field}Confidence"]
        assert said[field].split("\n") == [SHOWN.get(word, word), f"{round(share * 100 + 1e-9, 1):g}%"], field
    assert said["Age"].split("\n") == [f"{figure['Age']:g}", f"± {figure['AgeSD']:.1f} years"]
    for field in ("FaceQuality", "Sharpness", "Attractive"):
        assert float(said[field]) == figure[field], field
    for field in ("Yaw", "Pitch", "Roll"):
        assert abs(float(said[field].rstrip("°")) - figure["HeadPose"][field]) <= 0.0501, field
    box = page.locator(".box rect")
    place = [float(box.get_attribute(name)) for name in ("x", "y", "width", "height")]
    assert place == [figure["Boundary"][name] for name in ("Left", "Top", "Width", "Height")]
    (expression,) = answered(site, process="image/expressions")["Figures"]
    for name, share in expression["Scores"].items():
        assert said[f"expression-{name}"] == f"{round(share * 100 + 1e-9, 1):g}%", name
    raw = json.loads(page.get_by_role("region", name="The answer, JSON").inner_text())
    assert raw["Figures"] == [figure]


def test_keys_walk_the_faces(site: Site, window: Window) -> None:
    """Arrow keys, Home and End choose the next, the last and the first face; its box is marked."""
    page = window.page
    two = Image.new("RGB", (1000, 512))
    face = Image.open(portrait()).convert("RGB")
    two.paste(face.crop((0, 0, 500, 512)), (0, 0))
    two.paste(face.crop((0, 0, 500, 512)), (500, 0))
    written = io.BytesIO()
    two.save(written, "PNG")
    site.server.bucket("photos").put_object("two.png", written.getvalue())
    site.enter(page, "picture/photos/two.png")
    buttons = page.get_by_role("toolbar").get_by_role("button")
    page.locator(".box").nth(1).wait_for()
    assert buttons.count() == 2
    buttons.first.focus()
    for key, number in (("ArrowRight", 2), ("ArrowRight", 2), ("ArrowLeft", 1), ("End", 2), ("Home", 1)):
        page.keyboard.press(key)
        assert page.locator(".face h2").inner_text() == f"Face {number}", key
        assert page.locator(".box.chosen text").text_content() == str(number)
        assert page.evaluate("document.activeElement.textContent").startswith(f"Face {number}")
    page.locator(".box").filter(has_text="2").locator("rect").hover(position={"x": 8, "y": 8})
    assert page.locator(".face h2").inner_text() == "Face 2"


def test_boxes_lie_on_the_upright_picture(site: Site, window: Window) -> None:
    """A picture whose file lies on its side is shown upright, and the box is in that frame."""
    page = window.page
    lying = Image.open(portrait()).convert("RGB").crop((0, 0, 400, 512)).rotate(90, expand=True)
    exif = Image.Exif()
    exif[0x0112] = 6
    written = io.BytesIO()
    lying.save(written, "JPEG", exif=exif, quality=92)
    site.server.bucket("photos").put_object("lying.jpg", written.getvalue())
    site.enter(page, "picture/photos/lying.jpg")
    page.locator(".box").wait_for()
    assert page.locator(".boxes").get_attribute("viewBox") == "0 0 400 512"
    seen = page.locator(".stage img").bounding_box()
    assert abs(seen["width"] / seen["height"] - 400 / 512) < 0.01
    (figure,) = answered(site, "lying.jpg")["Figures"]
    assert float(page.locator(".box rect").get_attribute("y")) == figure["Boundary"]["Top"] < 200


def test_exif_with_html_and_script_is_shown_as_text(site: Site, window: Window) -> None:
    """Whatever a camera, or somebody else, has written into the file."""
    page = window.page
    exif = Image.Exif()
    exif[0x010E] = exif[0x010F] = INJECTED
    written = io.BytesIO()
    Image.new("RGB", (64, 64), (20, 120, 90)).save(written, "JPEG", exif=exif)
    site.server.bucket("photos").put_object("exif.jpg", written.getvalue())
    dialogs: list[str] = []
    page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    site.enter(page, "picture/photos/exif.jpg")
    page.get_by_role("heading", name="No face found").wait_for()
    assert page.locator(".facts td").filter(has_text=INJECTED).count() >= 1
    assert page.locator("main script, main b").count() == 0
    assert dialogs == []


def test_programs_that_are_copied_get_the_same_answer(site: Site, window: Window) -> None:
    """The command for curl and the program for Python, run as they are pasted, give what the page shows."""
    curl = shutil.which("curl")
    if curl is None:
        pytest.skip("needs the program curl")
    page = window.page
    site.enter(page, "picture/photos/portrait.png")
    page.locator(".face").wait_for()
    request = page.locator(".card").filter(has=page.get_by_role("heading", name="The request"))
    faces = answered(site)["Figures"]
    keys = {"OSS_ACCESS_KEY_ID": site.server.access_key_id, "OSS_ACCESS_KEY_SECRET": site.server.access_key_secret}
    for language, name, run in (("python", "Python", [sys.executable, "-"]), ("curl", "curl", ["sh", "-s"])):
        page.locator(f"[data-language={language}]").click()
        request.get_by_role("region", name=name, exact=True).wait_for()
        request.get_by_role("button", name="Copy").click()
        request.get_by_role("button", name="Copied").wait_for()
        pasted = page.evaluate("navigator.clipboard.readText()")
        assert site.server.access_key_secret not in pasted
        done = subprocess.run(
            run, input=pasted, capture_output=True, text=True, check=True, env={**os.environ, **keys}, timeout=60
        )
        assert json.loads(done.stdout)["Figures"] == faces


def test_a_request_of_the_list_can_be_sent_again_as_a_command(site: Site, window: Window) -> None:
    """What a click asked for is listed with its answer, and its command, signed anew, works in a shell."""
    if shutil.which("curl") is None:
        pytest.skip("needs the program curl")
    page = window.page
    site.enter(page, "picture/photos/portrait.png")
    page.locator(".face").wait_for()
    page.get_by_role("button", name="Requests behind the clicks").click()
    page.locator(".journal summary").filter(has_text="image/faces").click()
    command = page.get_by_role("region", name="Request", exact=True).inner_text()
    assert re.search(r"authorization: OSS4-HMAC-SHA256", command)
    done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=True, timeout=60)
    assert json.loads(done.stdout)["Figures"] == answered(site)["Figures"]
    page.keyboard.press("Escape")
    assert page.get_by_role("dialog").count() == 0
