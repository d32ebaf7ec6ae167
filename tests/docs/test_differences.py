"""docs/differences.md names the switch of every point, and leaves out no setting that clients can notice."""

import dataclasses
import re
from pathlib import Path

import pytest

from oss_faces import errors, imm_errors
from oss_faces.config import Settings
from oss_faces.errors import ConfigurationError, OssFacesError

DOCS = Path(__file__).parents[2] / "docs"
TEXT = (DOCS / "differences.md").read_text(encoding="utf-8")
KEYS = {
    f"{section.name}.{key.name}" for section in dataclasses.fields(Settings) for key in dataclasses.fields(section.type)
}
SECTIONS = {section.name for section in dataclasses.fields(Settings)}

# Where the server runs, with how much of the machine, and how hard it searches: no client can tell the real service
# from this one by them. A setting that is added belongs here or into the page.
NO_DIFFERENCE = {
    "vectors.folder",
    "admin.listen",
    "analysis.batch_max",
    "console.endpoint",
    "database.busy_timeout_s",
    "database.connections_max",
    "database.erase_by",
    "database.url",
    "decision.false_positives_max",
    "detection.closer_look_pixels_max",
    "detection.hint_threshold",
    "detection.iou_threshold",
    "detection.large_face_side",
    "detection.overview_side",
    "facedb.chunk_vectors",
    "facedb.searches_max",
    "facedb.unfollowed_max",
    "inference.device",
    "inference.engine",
    "inference.precision",
    "inference.providers",
    "metering.sync",
    "models.folder",
    "mounts.calls_max",
    "mounts.digests_max",
    "mounts.listing_names_max",
    "mounts.part_bytes",
    "recognition.batch_max",
    "server.drain_s",
    "server.grace_s",
    "server.header_timeout_s",
    "server.listen",
    "storage.busy_timeout_s",
    "storage.chunk_bytes",
    "workers.background_s",
    "workers.niceness",
    "storage.data_dir",
    "storage.reads_max",
    "storage.writes_max",
    "tasks.attempts_max",
    "tasks.lease_s",
    "tasks.poll_s",
    "tasks.running",
    "vectors.block_scores",
    "vectors.codes_rows_min",
    "vectors.engine",
    "vectors.lock_timeout_s",
    "vectors.milvus_timeout_s",
    "vectors.milvus_token_env",
    "vectors.milvus_uri",
    "video.duration_s_max",
    "video.frames_per_second_max",
    "video.pixels_max",
    "video.size_bytes_max",
}


def switches() -> list[tuple[str, str]]:
    """Give the first and the last cell of every row of the tables that have a column for the switch."""
    tables = re.findall(r"^\| Point .*\| Switch \|\n\|[-|]+\n((?:\|.*\n)+)", TEXT, re.MULTILINE)
    rows = [re.split(r"(?<!\\)\|", line.strip())[1:-1] for table in tables for line in table.splitlines()]
    assert all(len(row) == 4 for row in rows)
    return [(row[0].strip(), row[3].strip()) for row in rows]


def test_there_are_points() -> None:
    """The page is read as it is written; without rows the tests below would say nothing."""
    assert len(switches()) > 100


@pytest.mark.parametrize(("point", "switch"), switches(), ids=lambda cell: cell[:40])
def test_switch_exists(point: str, switch: str) -> None:
    """Each row ends with settings that exist, or says that there is none."""
    named = re.findall(r"`\[?([a-z_]+(?:\.[a-z0-9_]+)?)\]?`", switch)
    settings = [name for name in named if "." in name or name in SECTIONS]
    assert set(settings) <= KEYS | SECTIONS, point
    assert settings or switch in ("none", "", "environment variables"), point


@pytest.mark.parametrize("key", sorted(KEYS))
def test_every_setting_is_a_switch_or_makes_no_difference(key: str) -> None:
    """A setting that a client could notice is named as the switch of a point, and only such a one."""
    shown = {name for _, switch in switches() for name in re.findall(r"`\[?([a-z0-9_.]+)\]?`", switch)}
    if key in NO_DIFFERENCE:
        assert key not in shown, f"{key} is named as a switch, and held for one that makes no difference"
    else:
        told = key in shown or key.partition(".")[0] in shown
        assert told, f"{key} is neither a switch in docs/differences.md nor held for one that makes no difference"


@pytest.mark.parametrize(
    "kind",
    [
        kind
        for module in (errors, imm_errors)
        for kind in vars(module).values()
        if isinstance(kind, type) and issubclass(kind, OssFacesError) and kind is not ConfigurationError
    ],
)
def test_every_code_is_in_the_manual(kind: type[OssFacesError]) -> None:
    """Whatever code an answer can carry, the manual has it."""
    pages = "".join(path.read_text(encoding="utf-8") for path in DOCS.glob("*.md"))
    assert re.search(rf"`{re.escape(kind.code)}(`|[<{{])", pages), kind.code
