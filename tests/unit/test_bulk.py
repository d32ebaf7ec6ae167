import errno
import hashlib
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image as Pillow

from oss_faces.app import build_pipeline
from oss_faces.bulk import FaceStages, Source, read_source, recipe_of
from oss_faces.config import Settings, read_settings
from oss_faces.errors import ConfigurationError
from oss_faces.jobs import Item, ListingIncomplete
from oss_faces.rendering import RenderingSettings
from oss_faces.rendering.figures import figures
from tests.running import portrait


@pytest.mark.parametrize(
    ("text", "source"),
    [
        ("photos", Source("photos")),
        ("photos/2024/", Source("photos", "2024/")),
        ("oss://photos/a b", Source("photos", "a b")),
    ],
)
def test_buckets(text: str, source: Source) -> None:
    """A bucket is named with or without the scheme, and a prefix; its full name is read as the same."""
    assert read_source(text) == source
    assert read_source(source.name) == source


def test_folders(tmp_path: Path) -> None:
    """A folder that exists is one, whatever its name."""
    assert read_source(str(tmp_path)) == Source(folder=tmp_path.resolve())
    with pytest.raises(ConfigurationError):
        read_source(str(tmp_path / "missing"))


def test_recipe_follows_what_changes_rows() -> None:
    """Another operation, attribute, engine or precision is another recipe; more workers are not."""
    plain = recipe_of(Settings(), "faces")
    changes: tuple[dict[str, dict[str, object]], ...] = (
        {"analysis": {"omit": ("age",)}},
        {"inference": {"engine": "openvino"}},
        {"inference": {"engine": "openvino", "precision": "bfloat16"}},
        {"inference": {"precision": "int8"}},
    )
    others = [recipe_of(read_settings(None, {}, change), "faces") for change in changes]
    assert len({recipe.name for recipe in (plain, recipe_of(Settings(), "index"), *others)}) == 6
    assert "inference" not in others[-1].settings
    busier = read_settings(None, {}, {"workers": {"running": 3}})
    assert recipe_of(busier, "faces").name == plain.name


def test_models_of_the_recipe_are_those_of_the_results() -> None:
    """The names that are told without loading a network are those that results bear."""
    assert recipe_of(Settings(), "faces").models == build_pipeline(Settings()).models


def test_faces_of_a_folder(tmp_path: Path) -> None:
    """A job tells of a file what `oss-faces detect` and the server tell of the same bytes."""
    content = portrait().read_bytes()
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "one.png").write_bytes(content)
    (tmp_path / "two.jpg").write_bytes(b"no picture")
    stages = FaceStages(Settings(), read_source(str(tmp_path)), "index")
    one, two = stages.list_items()
    assert (one.key, two.key) == ("deep/one.png", "two.jpg")
    with stages.open_loader() as load, stages.open_looker() as look:
        outcome = look(load(one))
        bad = load(two)
    result = build_pipeline(Settings()).find_faces(content)
    etag = hashlib.md5(content).hexdigest()
    [figure] = figures(result, etag, RenderingSettings())
    [row] = outcome.faces
    assert row["FigureId"] == figure["FigureId"]
    assert row["Left"] == figure["Boundary"]["Left"]
    assert row["Yaw"] == figure["HeadPose"]["Yaw"]
    assert np.linalg.norm(row["Vector"]) == pytest.approx(1, abs=1e-5)
    assert outcome.item == one
    assert bad.failure is not None
    assert (bad.failure.name, bad.failure.is_final) == ("UnsupportedFormat", True)


def test_a_closed_file_makes_a_listing_incomplete(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the job may not read it cannot know to be gone: after the last item the listing says so."""
    (tmp_path / "a.jpg").touch()
    (tmp_path / "closed.jpg").touch()
    really_open = os.open

    def refuse(path: str | bytes, *arguments: Any, **options: Any) -> int:
        if os.fsencode(path) == b"closed.jpg":
            raise PermissionError(errno.EACCES, "Permission denied")
        return really_open(path, *arguments, **options)

    listed = FaceStages(Settings(), read_source(str(tmp_path)), "faces").list_items()
    monkeypatch.setattr(os, "open", refuse)
    assert next(listed).key == "a.jpg"
    with pytest.raises(ListingIncomplete):
        next(listed)


def test_a_changed_file_has_another_etag(tmp_path: Path) -> None:
    """A file that is written anew is another picture to a job, and is not read to find that out."""
    file = tmp_path / "a.png"
    Pillow.new("RGB", (8, 8)).save(file)
    stages = FaceStages(Settings(), read_source(str(tmp_path)), "faces")
    [before] = stages.list_items()
    assert list(stages.list_items()) == [before]
    Pillow.new("RGB", (8, 9)).save(file)
    [after] = stages.list_items()
    assert isinstance(after, Item)
    assert after.etag != before.etag
