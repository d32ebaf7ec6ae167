import pytest
from hypothesis import given
from hypothesis import strategies as st

from oss_faces.errors import InvalidArgument, InvalidProcess, NoSuchStyle, NotImplementedOnServer, RequestError
from oss_faces.protocol.picture_steps import AutoOrient, Format, PictureFormat, Resize, Rotate
from oss_faces.protocol.process import (
    CHAINS_MAX,
    PROCESS_LENGTH_MAX,
    STEPS_MAX,
    Outcome,
    PictureProcess,
    ProcessChain,
    ProcessStep,
    SaveTarget,
    parse_process,
    resolve_process,
    resolve_saving,
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


@pytest.mark.parametrize(
    ("text", "process"),
    [
        ("image/faces", PictureProcess(Outcome.FACES)),
        ("image/info", PictureProcess(Outcome.INFO)),
        ("image/expressions", PictureProcess(Outcome.EXPRESSIONS)),
        ("image/resize,w_800/expressions", PictureProcess(Outcome.EXPRESSIONS, (Resize(width=800),))),
        ("image/resize,w_800", PictureProcess(Outcome.PICTURE, (Resize(width=800),))),
        ("image/resize,w_800/faces", PictureProcess(Outcome.FACES, (Resize(width=800),))),
        (
            "image/rotate,90/auto-orient,1/format,png/rotate,90",
            PictureProcess(
                Outcome.PICTURE, (Rotate(90), AutoOrient(is_wanted=True), Format(PictureFormat.PNG), Rotate(90))
            ),
        ),
    ],
)
def test_what_is_served(text, process):
    """A chain is its edits in the order written, and what comes out in the end."""
    assert resolve_process(text) == process


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("style/portrait", NoSuchStyle),
        ("style/portrait|image/faces", NoSuchStyle),
        ("image/faces,f_1", InvalidArgument),
        ("image/faces,", InvalidArgument),
        ("image/faces/resize,w_1", InvalidArgument),
        ("image/faces/faces", InvalidArgument),
        ("image/faces/info", InvalidArgument),
        ("image/faces/format,png", InvalidArgument),
        ("image/faces|sys/saveas,o_YQ==", InvalidArgument),
        ("image/faces|image/faces", InvalidArgument),
        ("image/resize,w_1/faces,f_1", InvalidArgument),
        ("image/resize,w_1|sys/saveas,o_YQ==", InvalidArgument),
        ("image/resize,w_1|image/resize,w_1", InvalidArgument),
        ("image/info,x", InvalidArgument),
        ("image/info/resize,w_1", InvalidArgument),
        ("image/resize,w_1/info", InvalidArgument),
        ("image/info/faces", InvalidArgument),
        ("image/expressions,x", InvalidArgument),
        ("image/expressions/faces", InvalidArgument),
        ("image/faces/expressions", InvalidArgument),
        ("image/info/expressions", InvalidArgument),
        ("image/expressions/resize,w_1", InvalidArgument),
        ("image/expressions|sys/saveas,o_YQ==", InvalidArgument),
        ("image/face", InvalidArgument),
        ("image/unknown", InvalidArgument),
        ("image/unknown/faces", InvalidArgument),
        ("unknown/faces", InvalidArgument),
        ("faces/faces", InvalidArgument),
        ("image/resize,w_0/faces", InvalidProcess),
        ("image/labels", NotImplementedOnServer),
        ("image/labels/faces", NotImplementedOnServer),
        ("image/watermark,text_aGk=", NotImplementedOnServer),
        ("image/resize,w_1/blur,r_3,s_2", NotImplementedOnServer),
        ("video/snapshot,t_1", NotImplementedOnServer),
        ("imm/detectface", NotImplementedOnServer),
        ("sys/saveas,o_YQ==", NotImplementedOnServer),
    ],
)
def test_everything_else_is_refused(text, error):
    """Unknown operations, styles, faces in the wrong place and operations not served each have their error."""
    with pytest.raises(error) as caught:
        resolve_process(text)
    assert type(caught.value) is error


@pytest.mark.parametrize(
    ("text", "target"),
    [
        ("image/resize,w_1|sys/saveas,o_YQ==", SaveTarget("a")),
        ("image/resize,w_1|sys/saveas,o_YQ", SaveTarget("a")),
        ("image/resize,w_1|sys/saveas,o_ZGlyL8OkLmpwZw,b_cGhvdG9z", SaveTarget("dir/\u00e4.jpg", "photos")),
        ("image/resize,w_1|sys/saveas,b_cGhvdG9z,o_Pz8_Pj4-", SaveTarget("???>>>", "photos")),
    ],
)
def test_where_a_result_is_saved(text, target):
    """The names of key and bucket come in URL-safe base64, padded or not, in any order."""
    process, found = resolve_saving(text)
    assert (process, found) == (PictureProcess(Outcome.PICTURE, (Resize(width=1),)), target)


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("image/resize,w_1", InvalidArgument),
        ("image/resize,w_1|sys/notify,o_YQ", InvalidArgument),
        ("image/resize,w_1|image/saveas,o_YQ", InvalidArgument),
        ("image/resize,w_1|sys/saveas,o_YQ|sys/saveas,o_YQ", InvalidArgument),
        ("image/resize,w_1|sys/saveas,o_YQ/saveas,o_YQ", InvalidArgument),
        ("image/faces|sys/saveas,o_YQ", InvalidArgument),
        ("image/resize,w_1/faces|sys/saveas,o_YQ", InvalidArgument),
        ("image/info|sys/saveas,o_YQ", InvalidArgument),
        ("image/resize,w_1|sys/saveas", InvalidProcess),
        ("image/resize,w_1|sys/saveas,b_YQ", InvalidProcess),
        ("image/resize,w_1|sys/saveas,o_", InvalidProcess),
        ("image/resize,w_1|sys/saveas,oYQ", InvalidProcess),
        ("image/resize,w_1|sys/saveas,o_YQ,x_YQ", InvalidProcess),
        ("image/resize,w_1|sys/saveas,o_YQ,o_YQ", InvalidProcess),
        ("image/resize,w_1|sys/saveas,o_YQ+", InvalidProcess),
        ("image/resize,w_1|sys/saveas,o_YQYQY", InvalidProcess),
        ("image/resize,w_1|sys/saveas,o__w", InvalidProcess),
        ("style/x|sys/saveas,o_YQ", NoSuchStyle),
        ("image/labels|sys/saveas,o_YQ", NotImplementedOnServer),
    ],
)
def test_what_cannot_be_saved(text, error):
    """Only a picture is saved, once, under a name that can be read."""
    with pytest.raises(error) as caught:
        resolve_saving(text)
    assert type(caught.value) is error


@pytest.mark.parametrize("resolve", [resolve_process, resolve_saving])
@given(
    st.one_of(
        st.text(max_size=100),
        st.lists(
            st.sampled_from(
                ["image", "style", "faces", "info", "resize", "crop", "w_1", "sys", "saveas", "o_YQ", *"/,|x"]
            ),
            max_size=12,
        ).map("".join),
    )
)
def test_garbage_raises_request_errors_only(resolve, text):
    """Nothing else than a documented error comes out, and what is accepted begins as it must."""
    try:
        resolve(text)
    except RequestError:
        return
    assert text.startswith("image/")
