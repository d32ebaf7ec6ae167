import pytest
from hypothesis import given
from hypothesis import strategies as st

from oss_faces.errors import InvalidArgument, NoSuchStyle, NotImplementedOnServer, RequestError
from oss_faces.protocol.process import (
    CHAINS_MAX,
    PROCESS_LENGTH_MAX,
    STEPS_MAX,
    ProcessChain,
    ProcessStep,
    parse_process,
    resolve_process,
)

FACES = ProcessChain("image", (ProcessStep("faces"),))


@pytest.mark.parametrize(
    ("text", "chains"),
    [
        ("image/faces", (FACES,)),
        (
            "image/resize,w_800,h_600/auto-orient,1/faces",
            (
                ProcessChain(
                    "image",
                    (
                        ProcessStep("resize", ("w_800", "h_600")),
                        ProcessStep("auto-orient", ("1",)),
                        ProcessStep("faces"),
                    ),
                ),
            ),
        ),
        (
            "image/faces|sys/saveas,o_YQ==,b_Yg==",
            (FACES, ProcessChain("sys", (ProcessStep("saveas", ("o_YQ==", "b_Yg==")),))),
        ),
        ("style/My Style_1", (ProcessChain("style", (ProcessStep("My Style_1"),)),)),
        ("style/a/b", (ProcessChain("style", (ProcessStep("a/b"),)),)),
        ("style", (ProcessChain("style", (ProcessStep(""),)),)),
        ("image/resize,", (ProcessChain("image", (ProcessStep("resize", ("",)),)),)),
    ],
)
def test_parse_process(text, chains):
    """A process string is chains of steps with parameters, in the order written."""
    assert parse_process(text) == chains


@pytest.mark.parametrize(
    "text",
    [
        "",
        "/",
        "image",
        "image/",
        "/faces",
        "image//faces",
        "image/faces/",
        "image/,w_1",
        "Image/faces",
        "image/Faces",
        "image/faces ",
        " image/faces",
        "image/faces|",
        "|image/faces",
        "image/faces\n",
        "image/" + "x" * 65,
        "image/" + "/".join(["resize"] * (STEPS_MAX + 1)),
        "|".join(["image/faces"] * (CHAINS_MAX + 1)),
        "image/resize," + "x" * PROCESS_LENGTH_MAX,
    ],
)
def test_not_of_the_grammar(text):
    """Empty names, other letters and anything beyond the limits are refused."""
    with pytest.raises(InvalidArgument):
        parse_process(text)


def test_limits_are_inclusive():
    """A string at each limit is read."""
    assert len(parse_process("image/" + "/".join(["resize"] * STEPS_MAX))[0].steps) == STEPS_MAX
    assert len(parse_process("|".join(["image/faces"] * CHAINS_MAX))) == CHAINS_MAX


def test_image_faces_is_served():
    """image/faces is what this server is for."""
    assert resolve_process("image/faces") == FACES


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("style/portrait", NoSuchStyle),
        ("style/portrait|image/faces", NoSuchStyle),
        ("image/faces,f_1", InvalidArgument),
        ("image/faces,", InvalidArgument),
        ("image/faces/resize,w_1", InvalidArgument),
        ("image/faces/faces", InvalidArgument),
        ("image/faces|sys/saveas,o_YQ==", InvalidArgument),
        ("image/resize,w_1/faces,f_1", InvalidArgument),
        ("image/face", InvalidArgument),
        ("image/unknown", InvalidArgument),
        ("image/unknown/faces", InvalidArgument),
        ("unknown/faces", InvalidArgument),
        ("faces/faces", InvalidArgument),
        ("image/resize,w_800", NotImplementedOnServer),
        ("image/resize,w_800/faces", NotImplementedOnServer),
        ("image/resize,w_800|sys/saveas,o_YQ==", NotImplementedOnServer),
        ("image/info", NotImplementedOnServer),
        ("image/labels", NotImplementedOnServer),
        ("video/snapshot,t_1", NotImplementedOnServer),
        ("imm/detectface", NotImplementedOnServer),
        ("sys/saveas,o_YQ==", NotImplementedOnServer),
    ],
)
def test_everything_else_is_refused(text, error):
    """Unknown operations, styles, faces in the wrong place and operations not served each have their error."""
    with pytest.raises(error):
        resolve_process(text)


@given(
    st.one_of(
        st.text(max_size=100),
        st.lists(
            st.sampled_from(["image", "style", "faces", "resize", "w_1", "sys", "/", ",", "|", "x"]), max_size=12
        ).map("".join),
    )
)
def test_garbage_raises_request_errors_only(text):
    """Nothing but the one string is accepted, and nothing else than a documented error comes out."""
    try:
        chain = resolve_process(text)
    except RequestError:
        return
    assert (chain, text) == (FACES, "image/faces")
