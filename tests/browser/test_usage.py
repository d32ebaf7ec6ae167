"""What was used, and how the server is."""

import csv
import json
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

from tests.browser.conftest import Site, Window


def metered(site: Site, *by: str) -> list[dict[str, object]]:
    """Ask the command that reads the metering, beside the running server."""
    flags = [flag for name in by for flag in ("--by", name)]
    command = [sys.executable, "-m", "oss_faces", "usage", "--data", str(site.server.data), "--json", *flags]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    return json.loads(done.stdout)


def test_the_numbers_are_those_of_the_metering(site: Site, window: Window) -> None:
    """Detections, failures and bytes of each day, key and bucket, and their sums; the charts are drawn of them."""
    page = window.page
    bucket = site.server.bucket("photos")
    for _ in range(2):
        bucket.get_object("portrait.png", process="image/faces").read()
    before = metered(site, "day", "bucket")
    # What is asked for from here on is about no bucket.
    site.enter(page, "usage")
    page.locator("[data-by=bucket] tbody tr").first.wait_for()
    detects = sum(row["image_detect"] for row in before)
    assert detects >= 2
    assert page.locator("[data-total=image_detect] b").inner_text() == f"{detects:,}"
    rows = [row.locator("td").all_inner_texts() for row in page.locator("[data-by=bucket] tbody tr").all()]
    shown = {row[0]: row for row in rows}
    totals: dict[str, int] = {}
    for row in before:
        totals[row["bucket"]] = totals.get(row["bucket"], 0) + row["image_detect"]
    for name in {row["bucket"] for row in before} - {""}:
        assert shown[name][3] == f"{totals[name]:,}", name
    keys = [row.locator("td").all_inner_texts() for row in page.locator("[data-by=access_key_id] tbody tr").all()]
    assert (keys[0][0], keys[0][3]) == (site.server.access_key_id, f"{detects:,}")
    titles = [title.text_content() for title in page.locator(".chart").first.locator("rect title").all()]
    drawn = {title.partition(":")[0]: int(title.partition(": ")[2].replace(",", "")) for title in titles}
    assert len(drawn) == 30
    by_day: dict[str, int] = {}
    for row in before:
        by_day[row["day"]] = by_day.get(row["day"], 0) + row["image_detect"]
    assert {day: count for day, count in drawn.items() if count} == {
        day: count for day, count in by_day.items() if count
    }


def test_the_table_is_saved_as_csv(site: Site, window: Window) -> None:
    """One line for each day, key, bucket and operation, with exact numbers."""
    page = window.page
    site.server.bucket("photos").get_object("portrait.png", process="image/faces").read()
    expected = {
        (row["bucket"], row["operation"]): row["image_detect"]
        for row in metered(site, "bucket", "operation")
        if row["image_detect"]
    }
    site.enter(page, "usage")
    page.locator("[data-by=bucket]").wait_for()
    with page.expect_download() as saved:
        page.get_by_role("button", name="CSV").click()
    assert re.fullmatch(r"usage-\d{4}-\d\d-\d\d-\d{4}-\d\d-\d\d\.csv", saved.value.suggested_filename)
    with Path(saved.value.path()).open(newline="") as file:
        rows = list(csv.DictReader(file))
    # A run of the tests may begin on one day and end on the next.
    totals: Counter[tuple[str, str]] = Counter()
    for row in rows:
        totals[row["bucket"], row["operation"]] += int(row["image_detect"])
    assert +totals == Counter(expected)


def test_days_without_use_are_said_to_be_so(site: Site, window: Window) -> None:
    """No chart of nothing."""
    page = window.page
    site.enter(page, "usage")
    page.get_by_label("From").fill("2020-01-01")
    page.get_by_label("To", exact=True).fill("2020-01-31")
    page.get_by_role("button", name="Show").click()
    page.get_by_text("Nothing was used on these days").wait_for()
    assert page.locator(".chart").count() == 0


def test_the_system_tells_of_networks_times_and_limits(site: Site, window: Window) -> None:
    """Health, stages, each network with its card as elements, figures and settings: those of the server's answer."""
    page = window.page
    site.enter(page)
    with page.expect_response(lambda response: "x-oss-faces=system" in response.url) as told:
        page.goto(f"{site.url}#/system")
    system = told.value.json()
    page.get_by_role("heading", name="The server is ready").wait_for()
    for model in system["models"]:
        assert page.get_by_role("heading", name=model["name"]).count() >= 1
        assert page.get_by_role("cell", name=model["sha256"]).count() >= 1
    page.locator("summary").filter(has_text="Card: data, figures, limits").first.click()
    page.locator(".model-card table").first.wait_for()
    assert page.locator(".model-card").first.get_by_text("|").count() == 0
    page.locator("summary").filter(has_text="Settings and limits").click()
    limit = system["limits"]["decoding"]["size_bytes_max"]
    assert page.locator("tr").filter(has_text="decoding.size_bytes_max").locator("td").all_inner_texts()[1] == str(
        limit
    )
    page.locator("summary").filter(has_text="How good each field is").click()
    assert page.locator("tr").filter(has_text="utkface").count() > 0
