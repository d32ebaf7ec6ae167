"""What every inference session promises: each engine, on every network that finds faces."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from PIL import Image as Pillow

from oss_faces.detection import detector_probe, scout_probe
from oss_faces.errors import EngineFailed, ModelUnavailable
from oss_faces.inference import (
    CENTERFACE,
    Engines,
    InferenceSettings,
    ModelSettings,
    OnnxSession,
    OpenVinoSession,
    Session,
    attributes_spec,
    centerface_ranges,
    native_bfloat16,
    prepare_attributes,
    prepare_centerface,
    prepare_scout,
    read_model,
    scout_spec,
)
from oss_faces.inference.often import OftenLimits
from oss_faces.inference.openvino_session import load_openvino
from tests.running import portrait

SETTINGS = ModelSettings()
ENGINES: dict[str, Callable[[bytes], Session]] = {"onnxruntime": OnnxSession, "openvino": OpenVinoSession}
# Engines round differently: in whole numbers a step here or there, in floating point the last digits.
SCORE_TOLERANCE = {"centerface": 0.1, "scout": 1e-4}


def centerface() -> bytes:
    return prepare_centerface(read_model(CENTERFACE, SETTINGS), centerface_ranges(CENTERFACE.sha256))


def float_centerface() -> bytes:
    return prepare_centerface(read_model(CENTERFACE, SETTINGS), {})


def scout() -> bytes:
    return prepare_scout(read_model(scout_spec(SETTINGS), SETTINGS))


NETWORKS = {"centerface": centerface, "scout": scout}


@pytest.fixture(scope="module")
def sessions() -> dict[tuple[str, str], Session]:
    return {
        (engine, network): load(content()) for network, content in NETWORKS.items() for engine, load in ENGINES.items()
    }


@pytest.fixture(params=[(engine, network) for engine in ENGINES for network in NETWORKS], ids="-".join)
def session(request, sessions) -> Session:
    return sessions[request.param]


@pytest.fixture(scope="module")
def pixels() -> np.ndarray:
    return np.asarray(Pillow.open(portrait()).convert("RGB").resize((256, 256)))


def test_same_input_same_output(session, pixels):
    """A session has no memory: the second answer equals the first, also after another size."""
    first = session.run({"image": pixels[None]})
    session.run({"image": pixels[None, :64, :96]})
    second = session.run({"image": pixels[None]})
    assert all(np.array_equal(one, other) for one, other in zip(first, second, strict=True))


def test_outputs_are_float32_and_follow_the_size(session, pixels):
    """Height and width of the picture decide those of the answer."""
    wide = session.run({"image": np.ascontiguousarray(pixels[None, :128, :256])})
    tall = session.run({"image": np.ascontiguousarray(pixels[None, :256, :128])})
    for one, other in zip(wide, tall, strict=True):
        assert one.dtype == np.float32
        assert one.shape[-2:] == other.shape[-1:-3:-1]


def test_threads_may_share_a_session(session, pixels):
    """Calls at the same time give what calls one after the other give."""
    pictures = [np.ascontiguousarray(np.roll(pixels, shift, axis=1)[None]) for shift in range(0, 128, 16)]
    alone = [session.run({"image": picture}) for picture in pictures]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda picture: session.run({"image": picture}), pictures))
    for one, other in zip(alone, together, strict=True):
        assert all(np.array_equal(first, second) for first, second in zip(one, other, strict=True))


@pytest.mark.parametrize("engine", ENGINES)
def test_a_batch_answers_as_its_pictures_do(sessions, pixels, engine):
    """Several pictures at once give what one at a time gives."""
    session = sessions[engine, "centerface"]
    pictures = np.stack([pixels[:192, :192], pixels[40:232, 30:222], pixels[60:252, 60:252]])
    together = session.run({"image": pictures})
    for place, picture in enumerate(pictures):
        for one, other in zip(session.run({"image": picture[None]}), together, strict=True):
            np.testing.assert_allclose(other[place], one[0], atol=1e-4)


@pytest.mark.parametrize("network", NETWORKS)
def test_a_shape_that_comes_often_is_answered_as_before(pixels, network):
    """Compiled for the one shape, by a trial or after three calls, OpenVINO answers the same to the last bit."""
    session, tried = (OpenVinoSession(NETWORKS[network](), often=OftenLimits(calls=3, kept=1)) for _ in range(2))
    window = {"image": np.ascontiguousarray(pixels[None, :192, :192])}
    tried.plan(window)
    answers = [*(session.run(window) for _ in range(6)), tried.run(window)]
    for answer in answers[1:]:
        assert all(np.array_equal(one, other) for one, other in zip(answers[0], answer, strict=True))


def test_a_shape_that_the_network_does_not_take_is_no_plan():
    """A trial with such a shape fails as a call with it does."""
    session = OpenVinoSession(scout())
    with pytest.raises(EngineFailed) as caught:
        session.plan({"image": np.zeros(7, np.uint8)})
    assert caught.value.context["reason"]


@pytest.mark.parametrize("network", NETWORKS)
def test_engines_agree(sessions, pixels, network):
    """The first output, scores from 0 to 1, differs by no more than the written tolerance; and there is a face."""
    plain, other = (sessions[engine, network].run({"image": pixels[None]})[0] for engine in ENGINES)
    np.testing.assert_allclose(other, plain, atol=SCORE_TOLERANCE[network])
    assert plain.max() > 0.05


def attributes() -> bytes:
    return prepare_attributes(read_model(attributes_spec(SETTINGS), SETTINGS))


def test_engines_agree_about_attributes(pixels):
    """Steps of whole numbers move a probability by some hundredths at the most, an angle or an age by two."""
    crops = np.stack([pixels[top : top + 112, 60:172] for top in (0, 40, 80)])
    plain, other = (load(attributes()).run({"crops": crops}) for load in ENGINES.values())
    for one, two in zip(plain, other, strict=True):
        np.testing.assert_allclose(two, one, atol=2.0 if one.max() > 1 else 0.06)


def test_openvino_multiplies_whole_numbers_from_the_first_layer_on():
    """No convolution of the attribute network is left in floating point, not even the one that sees the pixels."""
    core = load_openvino().Core()
    compiled = core.compile_model(core.read_model(attributes()), "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
    layers = [layer.get_rt_info() for layer in compiled.get_runtime_model().get_ops()]
    used = [layer["runtimePrecision"] for layer in layers if layer["layerType"] == "Convolution"]
    assert len(used) == 14
    assert set(used) <= {"u8", "i8"}


@pytest.mark.skipif(not native_bfloat16(), reason="the processor has no instructions for bfloat16")
@pytest.mark.parametrize(
    ("content", "make"),
    [(float_centerface, detector_probe), (scout, scout_probe)],
    ids=["centerface", "scout"],
)
def test_bfloat16_keeps_the_tolerance(tmp_path, content, make):
    """With fewer digits answers are others, and within the limits; without being asked for it they are not."""
    engines = Engines(InferenceSettings("openvino", precision="bfloat16"), tmp_path / "engines.json", time.perf_counter)
    probe, plain = make(), OnnxSession(content())
    differences = probe.differences(plain, engines.open("network@1", content(), make))
    assert probe.allows(differences)
    assert differences["score"] > 1e-4
    assert probe.differences(plain, engines.open("network@1", content()))["score"] < 1e-4


@pytest.mark.parametrize(
    "inputs",
    [{}, {"image": np.zeros((1, 64, 64, 3), np.float32)}, {"image": np.zeros((64, 64, 3), np.uint8)}],
    ids=["nothing", "wrong type", "wrong shape"],
)
def test_wrong_input_is_an_engine_error(session, inputs):
    """Whatever the engine raises arrives as our error, with the reason for the log."""
    with pytest.raises(EngineFailed) as caught:
        session.run(inputs)
    assert caught.value.context["reason"]


@pytest.mark.parametrize("engine", ENGINES)
def test_a_damaged_network_is_refused(engine):
    """What is no network cannot be loaded, and says so."""
    with pytest.raises(ModelUnavailable, match="cannot load"):
        ENGINES[engine](b"no network")
