import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import pytest

from oss_faces.errors import ConfigurationError
from oss_faces.inference import Engines, InferenceSettings, OnnxSession, OpenVinoSession, Session, read_trials


def network() -> bytes:
    """Add one to each byte of a picture."""
    image = onnx.helper.make_tensor_value_info("image", onnx.TensorProto.UINT8, ["count", 4, "width"])
    more = onnx.helper.make_tensor_value_info("more", onnx.TensorProto.FLOAT, ["count", 4, "width"])
    one = onnx.numpy_helper.from_array(np.array(1, np.float32), "one")
    nodes = [
        onnx.helper.make_node("Cast", ["image"], ["float"], to=onnx.TensorProto.FLOAT),
        onnx.helper.make_node("Add", ["float", "one"], ["more"]),
    ]
    graph = onnx.helper.make_graph(nodes, "more", [image], [more], [one])
    model = onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", 17)], ir_version=8)
    content: bytes = model.SerializeToString()
    return content


class Stopwatch:
    """Tells moments such that calls of the two engines, which are asked in turn, take these times."""

    def __init__(self, plain_s: float, other_s: float) -> None:
        self._steps = [0.0, plain_s, 0.0, other_s]
        self._now, self.calls = 0.0, 0

    def __call__(self) -> float:
        self._now += self._steps[self.calls % 4]
        self.calls += 1
        return self._now


def never() -> float:
    raise AssertionError("there was nothing to be measured")


def opened(folder: Path, engine: str, clock: Callable[[], float] = never) -> Session:
    return Engines(InferenceSettings(engine=engine), folder / "engines.json", clock).open("more@1", network())


@pytest.mark.parametrize(("engine", "kind"), [("onnxruntime", OnnxSession), ("openvino", OpenVinoSession)])
def test_the_named_engine_runs_without_a_trial(tmp_path, engine, kind):
    """Whoever names an engine gets it; nothing is measured and nothing written."""
    session = opened(tmp_path, engine)
    assert isinstance(session, kind)
    [more] = session.run({"image": np.full((1, 4, 2), 6, np.uint8)})
    assert (more == 7).all()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("plain_s", "other_s", "kind"),
    [(3.0, 2.0, OpenVinoSession), (2.0, 3.0, OnnxSession), (2.0, 1.95, OnnxSession)],
    ids=["OpenVINO is faster", "ONNX Runtime is faster", "hardly a difference"],
)
def test_auto_takes_the_faster_one(tmp_path, plain_s, other_s, kind):
    """The trial decides; a gain within the noise is none."""
    assert isinstance(opened(tmp_path, "auto", Stopwatch(plain_s, other_s)), kind)
    trial = read_trials(tmp_path / "engines.json")["more@1"]
    assert trial.openvino_over_onnxruntime == pytest.approx(other_s / plain_s, abs=1e-3)


def test_auto_tries_once(tmp_path):
    """The second start reads what the first one found."""
    opened(tmp_path, "auto", Stopwatch(3.0, 1.0))
    assert isinstance(opened(tmp_path, "auto", never), OpenVinoSession)


def test_auto_tries_again_under_other_conditions(tmp_path):
    """A record of another processor or version says nothing."""
    opened(tmp_path, "auto", Stopwatch(3.0, 1.0))
    record = tmp_path / "engines.json"
    kept = json.loads(record.read_text())
    kept["more@1"]["conditions"] = "another machine"
    record.write_text(json.dumps(kept))
    assert isinstance(opened(tmp_path, "auto", Stopwatch(1.0, 3.0)), OnnxSession)


def test_a_damaged_record_is_made_anew(tmp_path):
    """A record that cannot be read is no reason not to start."""
    (tmp_path / "engines.json").write_text('{"more@1": 3')
    assert isinstance(opened(tmp_path, "auto", Stopwatch(3.0, 1.0)), OpenVinoSession)
    assert read_trials(tmp_path / "engines.json")["more@1"].engine == "openvino"


def test_without_a_data_folder_nothing_is_written(tmp_path):
    """The library and the command line have none, and leave none behind."""
    assert isinstance(opened(tmp_path / "absent", "auto", Stopwatch(3.0, 1.0)), OpenVinoSession)
    assert list(tmp_path.iterdir()) == []


def test_an_absent_provider_ends_the_start(tmp_path):
    """Who asks for a GPU and has none is told so, and not served slowly."""
    settings = InferenceSettings(providers=("TensorrtExecutionProvider", "CPUExecutionProvider"))
    with pytest.raises(ConfigurationError, match=r"inference\.providers.*TensorrtExecutionProvider"):
        Engines(settings, tmp_path / "engines.json", never).open("more@1", network())


def test_an_absent_device_ends_the_start(tmp_path):
    """The same for a device of OpenVINO."""
    settings = InferenceSettings(engine="openvino", device="NPU.7")
    with pytest.raises(ConfigurationError, match=r"inference\.device.*NPU\.7"):
        Engines(settings, tmp_path / "engines.json", never).open("more@1", network())


@pytest.mark.parametrize(
    ("settings", "word"),
    [
        (InferenceSettings(engine="magic"), "engine"),
        (InferenceSettings(device=""), "device"),
        (InferenceSettings(providers=()), "providers"),
    ],
)
def test_settings_that_cannot_be_are_refused(settings, word):
    """The message names the field."""
    with pytest.raises(ConfigurationError, match=f"inference.{word}"):
        settings.validate()
