import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import pytest

from oss_faces.errors import ConfigurationError
from oss_faces.inference import Engines, InferenceSettings, OnnxSession, OpenVinoSession, Probe, Session, read_trials


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
    """Tells moments such that calls of the sessions, which are asked in turn, take these times."""

    def __init__(self, *seconds: float) -> None:
        self._steps = [step for each in seconds for step in (0.0, each)]
        self._now, self.calls = 0.0, 0

    def __call__(self) -> float:
        self._now += self._steps[self.calls % len(self._steps)]
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
    assert trial.ratios == {"openvino float32": pytest.approx(other_s / plain_s, abs=1e-3)}


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


class Reduced:
    """A network of which bfloat16 is off by so much; remembers the session that computes in it."""

    def __init__(self, **differences: float) -> None:
        self.differences = differences
        self.sessions: list[Session] = []

    def probe(self) -> Probe:
        return Probe({"image": np.zeros((1, 4, 2), np.uint8)}, {"score": 0.01}, self.compare)

    def compare(self, plain: Session, other: Session) -> dict[str, float]:
        assert isinstance(plain, OnnxSession)
        self.sessions.append(other)
        return self.differences


def reduced(
    folder: Path, clock: Callable[[], float], asked: Reduced, *instructions: str, engine: str = "auto"
) -> Session:
    settings = InferenceSettings(engine=engine, precision="bfloat16")
    return Engines(settings, folder / "engines.json", clock, lambda: instructions).open(
        "more@1", network(), asked.probe
    )


@pytest.mark.parametrize(
    ("seconds", "taken"),
    [
        ((3.0, 2.0, 1.0), ("openvino", "bfloat16")),
        ((3.0, 4.0, 2.0), ("openvino", "bfloat16")),
        ((3.0, 2.0, 1.95), ("openvino", "float32")),
        ((1.0, 2.0, 0.97), ("onnxruntime", "float32")),
    ],
    ids=["fastest", "where floats are slower", "hardly faster than floats", "hardly faster than ONNX Runtime"],
)
def test_auto_takes_bfloat16_where_it_is_faster(tmp_path, seconds, taken):
    """It has to be faster by more than the noise than the best whose answers are exact."""
    asked = Reduced(score=0.004)
    session = reduced(tmp_path, Stopwatch(*seconds), asked, "amx_bf16")
    trial = read_trials(tmp_path / "engines.json")["more@1"]
    assert (trial.engine, trial.precision) == taken
    assert (session is asked.sessions[0]) == (taken[1] == "bfloat16")
    assert trial.ratios["openvino bfloat16"] == pytest.approx(seconds[2] / seconds[0], abs=1e-3)
    assert trial.differences == {"score": 0.004}
    assert "amx_bf16" in trial.conditions


@pytest.mark.parametrize(
    "differences", [{"score": 0.02}, {"score": float("nan")}, {}], ids=["too large", "no number", "not comparable"]
)
def test_auto_refuses_bfloat16_beyond_the_tolerance(tmp_path, differences):
    """However fast it is: the best of the exact ones is taken, and the record says why."""
    reduced(tmp_path, Stopwatch(3.0, 2.0, 1.0), Reduced(**differences), "amx_bf16")
    trial = read_trials(tmp_path / "engines.json")["more@1"]
    assert (trial.engine, trial.precision) == ("openvino", "float32")
    assert trial.differences == pytest.approx(differences, nan_ok=True)


def test_auto_tries_no_bfloat16_without_the_instructions(tmp_path):
    """What would be emulated is no candidate; the record holds until the processor has them."""
    asked = Reduced(score=0.0)
    reduced(tmp_path, Stopwatch(3.0, 2.0), asked)
    assert not asked.sessions
    assert read_trials(tmp_path / "engines.json")["more@1"].precision == "float32"
    reduced(tmp_path, never, asked)
    reduced(tmp_path, Stopwatch(3.0, 2.0, 1.0), asked, "amx_bf16")
    assert read_trials(tmp_path / "engines.json")["more@1"].precision == "bfloat16"


def test_bfloat16_is_tried_once(tmp_path):
    """The second start opens what the first one took, and asks no probe."""
    reduced(tmp_path, Stopwatch(3.0, 2.0, 1.0), Reduced(score=0.0), "amx_bf16")
    again = Reduced()
    assert isinstance(reduced(tmp_path, never, again, "amx_bf16"), OpenVinoSession)
    assert not again.sessions


def test_a_named_engine_without_the_instructions_ends_the_start(tmp_path):
    """Nobody is served slowly without a word."""
    with pytest.raises(ConfigurationError, match=r"inference\.precision.*no instructions for bfloat16"):
        reduced(tmp_path, never, Reduced(), engine="openvino")


def test_a_named_engine_is_not_tried_in_bfloat16(tmp_path):
    """Both are named, so nothing is measured and nothing written."""
    asked = Reduced()
    assert isinstance(reduced(tmp_path, never, asked, "amx_bf16", engine="openvino"), OpenVinoSession)
    assert not asked.sessions
    assert list(tmp_path.iterdir()) == []


def test_a_network_without_a_probe_stays_exact(tmp_path):
    """Vectors are compared for years: their network never computes with fewer digits, and needs no instructions."""
    settings = InferenceSettings(engine="auto", precision="bfloat16")
    engines = Engines(settings, tmp_path / "engines.json", Stopwatch(3.0, 2.0), never_asked)
    assert isinstance(engines.open("more@1", network()), OpenVinoSession)
    assert read_trials(tmp_path / "engines.json")["more@1"].precision == "float32"


def never_asked() -> tuple[str, ...]:
    raise AssertionError("what the processor can do is not of interest")


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
        (InferenceSettings(precision="float16"), "precision"),
        (InferenceSettings(precision="bfloat16"), "precision bfloat16 needs inference.engine"),
        (InferenceSettings(precision="bfloat16", engine="openvino", device="GPU"), "precision bfloat16 needs"),
    ],
)
def test_settings_that_cannot_be_are_refused(settings, word):
    """The message names the field."""
    with pytest.raises(ConfigurationError, match=f"inference.{word}"):
        settings.validate()
