import numpy as np

from evaluation.attributes_page import PAGE, PLOT_AGE, PLOT_RELIABILITY, write_page
from evaluation.attributes_seen import Seen
from evaluation.rows import Row
from oss_faces.values import Age, Box, Emotion, Face, Label

ROWS = [Row("age", "utkface", "mae[race=Black]", 5.5, 5.0, 6.0, 100, "years")]


def face(**attributes: object) -> Face:
    return Face(Box(0, 0, 10, 10), 0.9, np.zeros((5, 2), np.float32), **attributes)  # type: ignore[arg-type]


def test_page_names_groups_and_the_surest_mistakes(tmp_path):
    """Wrong answers stand there by id, the surest first; right ones, missed faces and unknown kinds do not."""
    sure, less, right = (face(gender=Label(value, p)) for value, p in (("male", 0.99), ("male", 0.6), ("female", 0.9)))
    seen = [
        Seen("less", {"gender": 0.0}, less),
        Seen("sure", {"gender": 0.0}, sure),
        Seen("right", {"gender": 0.0}, right),
        Seen("missed", {"gender": 1.0}, None),
        Seen("odd", {"glasses": 3.0}, face(glasses=Label("sunglasses", 0.8))),
    ]
    write_page(tmp_path, {"celeba10k": seen}, ROWS)
    page = (tmp_path / PAGE).read_text()
    assert "mae[race=Black]" in page
    assert page.index("`sure` | female | male | 0.990") < page.index("`less` | female | male | 0.600")
    assert not any(f"`{name}`" in page for name in ("right", "missed", "odd"))


def test_plots_are_drawn_of_what_is_there(tmp_path):
    """With ages and emotions both plots are PNG files; with nothing neither is written."""
    emotion = Emotion({"happy": 0.7, "sad": 0.3})
    seen = [Seen(str(n), {"age": 10.0 * n, "emotion": 3.0}, face(age=Age(30, 5), emotion=emotion)) for n in range(9)]
    write_page(tmp_path / "full", {"utkface": seen}, [])
    for plot in (PLOT_AGE, PLOT_RELIABILITY):
        assert (tmp_path / "full" / plot).read_bytes().startswith(b"\x89PNG")
        assert f"({plot})" in (tmp_path / "full" / PAGE).read_text()
    write_page(tmp_path / "empty", {}, [])
    assert [path.name for path in (tmp_path / "empty").iterdir()] == [PAGE]
