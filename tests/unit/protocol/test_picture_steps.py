"""Each operation: its parameters, their ranges at both ends, and what is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oss_faces.errors import InvalidProcess, NotImplementedOnServer, RequestError
from oss_faces.protocol.picture_steps import (
    EDITS,
    AutoOrient,
    Crop,
    Edit,
    Format,
    Interlace,
    Origin,
    PictureFormat,
    Quality,
    Resize,
    ResizeMode,
    Rotate,
    parse_edit,
)


def parse(text: str) -> Edit:
    name, *parameters = text.split(",")
    return parse_edit(name, tuple(parameters))


@pytest.mark.parametrize(
    ("text", "edit"),
    [
        ("resize,w_1", Resize(width=1)),
        ("resize,h_16384", Resize(height=16384)),
        ("resize,l_100,s_50", Resize(longest=100, shortest=50)),
        ("resize,p_1000", Resize(percent=1000)),
        (
            "resize,m_pad,w_10,h_20,limit_0,color_00ff80",
            Resize(ResizeMode.PAD, 10, 20, is_limited=False, color=(0, 255, 128)),
        ),
        ("resize,limit_1,h_5,m_mfit", Resize(ResizeMode.MFIT, height=5, is_limited=True)),
        ("crop,w_100", Crop(width=100)),
        ("crop", Crop()),
        ("crop,w_0,h_0", Crop()),
        ("crop,x_10,y_30000,w_5,h_6,g_se", Crop(5, 6, 10, 30000, Origin.SE)),
        ("rotate,0", Rotate(0)),
        ("rotate,360", Rotate(360)),
        ("auto-orient,0", AutoOrient(is_wanted=False)),
        ("auto-orient,1", AutoOrient(is_wanted=True)),
        ("interlace,1", Interlace(is_wanted=True)),
        ("format,jpg", Format(PictureFormat.JPG)),
        ("format,jpeg", Format(PictureFormat.JPG)),
        ("format,webp", Format(PictureFormat.WEBP)),
        ("format,tif", Format(PictureFormat.TIFF)),
        ("quality,q_1", Quality(relative=1)),
        ("quality,Q_100", Quality(absolute=100)),
        ("quality,q_50,Q_60", Quality(50, 60)),
    ],
)
def test_operations(text, edit):
    """Each parameter has its place, in any order, up to the ends of its range."""
    assert parse(text) == edit


@pytest.mark.parametrize(
    "text",
    [
        "resize",
        "resize,m_fill",
        "resize,limit_0,color_FFFFFF",
        "resize,w_0",
        "resize,w_16385",
        "resize,h_0",
        "resize,l_0",
        "resize,s_16385",
        "resize,p_0",
        "resize,p_1001",
        "resize,w_-1",
        "resize,w_1.5",
        "resize,w_",
        "resize,w",
        "resize,",
        "resize,w_1,",
        "resize,w_\u0661",
        "resize,w_1,w_1",
        "resize,w_1,m_stretch",
        "resize,w_1,m_LFIT",
        "resize,w_1,limit_2",
        "resize,w_1,color_FFF",
        "resize,w_1,color_GGGGGG",
        "resize,w_1,z_1",
        "crop,w_30001",
        "crop,x_-1",
        "crop,g_middle",
        "crop,p_50",
        "crop,w_1,w_2",
        "rotate",
        "rotate,361",
        "rotate,-90",
        "rotate,90,90",
        "rotate,a_90",
        "auto-orient",
        "auto-orient,2",
        "interlace,yes",
        "format",
        "format,",
        "format,jp2",
        "format,PNG",
        "format,png,jpg",
        "quality",
        "quality,80",
        "quality,q_0",
        "quality,q_101",
        "quality,Q_0",
    ],
)
def test_what_is_refused(text):
    """Nothing outside a range, nothing unknown and nothing twice: the error is of the classic family."""
    with pytest.raises(InvalidProcess) as caught:
        parse(text)
    assert (caught.value.code, caught.value.http_status) == ("InvalidArgument", 400)
    assert caught.value.ec_value.startswith("0040-")


@pytest.mark.parametrize("text", ["format,heic", "format,avif"])
def test_formats_that_are_only_read(text):
    """A format that OSS writes and this server does not is told apart from one that there is not."""
    with pytest.raises(NotImplementedOnServer):
        parse(text)


def _optional(low: int, high: int) -> st.SearchStrategy[int | None]:
    return st.none() | st.integers(low, high)


RESIZES = st.builds(
    Resize,
    st.sampled_from(ResizeMode),
    _optional(1, 16384),
    _optional(1, 16384),
    _optional(1, 16384),
    _optional(1, 16384),
    _optional(1, 1000),
    st.none() | st.booleans(),
    st.tuples(*[st.integers(0, 255)] * 3),
).filter(lambda edit: any((edit.width, edit.height, edit.longest, edit.shortest, edit.percent)))
CROPS = st.builds(
    Crop,
    _optional(1, 30000),
    _optional(1, 30000),
    st.integers(0, 30000),
    st.integers(0, 30000),
    st.sampled_from(Origin),
)
OTHERS = st.one_of(
    st.builds(Rotate, st.integers(0, 360)),
    st.builds(AutoOrient, st.booleans()),
    st.builds(Interlace, st.booleans()),
    st.builds(Format, st.sampled_from(PictureFormat)),
    st.builds(Quality, _optional(1, 100), _optional(1, 100)).filter(lambda edit: edit.relative or edit.absolute),
)


def write(edit: Edit) -> list[str]:
    """The parameters as a program would write them."""
    match edit:
        case Resize():
            flag = None if edit.is_limited is None else int(edit.is_limited)
            named = {
                "m": edit.mode.value,
                "w": edit.width,
                "h": edit.height,
                "l": edit.longest,
                "s": edit.shortest,
                "p": edit.percent,
                "limit": flag,
                "color": bytes(edit.color).hex(),
            }
        case Crop():
            named = {"w": edit.width, "h": edit.height, "x": edit.x, "y": edit.y, "g": edit.origin.value}
        case Quality():
            named = {"q": edit.relative, "Q": edit.absolute}
        case Rotate():
            return [str(edit.degrees)]
        case Format():
            return [edit.format.value]
        case _:
            return [str(int(edit.is_wanted))]
    return [f"{key}_{value}" for key, value in named.items() if value is not None]


NAMES = {
    Resize: "resize",
    Crop: "crop",
    Rotate: "rotate",
    AutoOrient: "auto-orient",
    Interlace: "interlace",
    Format: "format",
    Quality: "quality",
}


def test_every_operation_is_tried():
    """The round trip below leaves none out."""
    assert set(NAMES.values()) == EDITS


@given(st.one_of(RESIZES, CROPS, OTHERS), st.randoms())
def test_round_trip(edit, random):
    """What is written in any order is read as it was meant."""
    parameters = write(edit)
    random.shuffle(parameters)
    assert parse_edit(NAMES[type(edit)], tuple(parameters)) == edit


@given(st.sampled_from(sorted(EDITS)), st.lists(st.text(max_size=12), max_size=4))
def test_garbage_raises_request_errors_only(name, parameters):
    """Whatever the parameters are, an operation or a documented error comes out."""
    try:
        edit = parse_edit(name, tuple(parameters))
    except RequestError:
        return
    assert NAMES[type(edit)] == name
