import numpy as np
import pytest

from oss_faces.detection.closer import LevelHints, heed_hints, plan_reductions, plan_windows
from oss_faces.detection.scout import Hints
from oss_faces.detection.views import Window
from oss_faces.values import Detections, ImageSize

SIZE = ImageSize(1000, 800)
NOTHING = Detections.empty()


def hints(*places: tuple[float, float], reduction: int = 1, scores: tuple[float, ...] = ()) -> LevelHints:
    given = np.array(scores or [0.9] * len(places), np.float32)
    return LevelHints(reduction, Hints(np.array(places, np.float32).reshape(-1, 2), given))


def face(*edges: float, score: float = 0.9) -> Detections:
    box = np.array([edges], np.float32)
    return Detections(box, np.array([score], np.float32), np.zeros((1, 5, 2), np.float32))


@pytest.mark.parametrize(
    ("overview_scale", "reductions"), [(3.0, ()), (1.0, (1,)), (0.5, (1, 2)), (1 / 3, (1, 2, 4)), (0.2, (1, 2, 4, 8))]
)
def test_levels_close_the_gap_below_the_overview(overview_scale, reductions):
    """The smaller the overview, the more levels; where it is enlarged enough there is none."""
    assert plan_reductions(overview_scale) == reductions


def test_without_hints_nothing_is_looked_at():
    """No hint, no window."""
    assert plan_windows([hints()], NOTHING, SIZE, 10) == []


def test_window_surrounds_its_hint():
    """A hint in the open gets a window around it, drawn fourfold."""
    [view] = plan_windows([hints((500, 400))], NOTHING, SIZE, 10)
    assert view.window == Window(476, 376, 48, 48)
    assert view.content == ImageSize(192, 192)


def test_window_of_a_coarser_level_is_larger_at_the_same_cost():
    """On a level reduced by 4 the window covers 4 x 4 times the picture, on the same canvas."""
    [view] = plan_windows([hints((50, 50), reduction=4)], NOTHING, SIZE, 10)
    assert view.window == Window(104, 104, 192, 192)
    assert view.content == ImageSize(192, 192)


def test_window_stays_inside_the_picture():
    """Near a corner the window is moved inside; in a picture smaller than it, it is the picture."""
    [view] = plan_windows([hints((2, 799))], NOTHING, SIZE, 10)
    assert view.window == Window(0, 752, 48, 48)
    [view] = plan_windows([hints((5, 5))], NOTHING, ImageSize(30, 20), 10)
    assert view.window == Window(0, 0, 30, 20)


def test_neighbours_share_a_window():
    """A hint well inside a window needs none of its own; one near its edge does."""
    assert len(plan_windows([hints((500, 400), (508, 392))], NOTHING, SIZE, 10)) == 1
    assert len(plan_windows([hints((500, 400), (520, 400))], NOTHING, SIZE, 10)) == 2


def test_budget_goes_to_the_likeliest():
    """With room for one window, the hint of highest score gets it."""
    [view] = plan_windows([hints((100, 100), (600, 600), scores=(0.7, 0.8))], NOTHING, SIZE, 1)
    assert view.window == Window(576, 576, 48, 48)


def test_inside_a_sure_face_nothing_is_looked_for():
    """Eyes and mouths of a face that was found are no faces; an unsure face hides nothing."""
    assert plan_windows([hints((500, 400))], face(450, 350, 550, 450), SIZE, 10) == []
    assert len(plan_windows([hints((500, 400))], face(450, 350, 550, 450, score=0.3), SIZE, 10)) == 1


def test_strong_hint_speaks_for_the_face_it_lies_on():
    """A face of which the scout was sure is believed more; on a coarser level the hint lies at its multiple."""
    seen = face(100, 100, 120, 120, score=0.4)
    assert heed_hints(seen, [hints((110, 110), scores=(0.95,))]).scores[0] > 0.7
    assert heed_hints(seen, [hints((55, 55), reduction=2, scores=(0.95,))]).scores[0] > 0.7


def test_weak_or_distant_hint_changes_nothing():
    """A suspicion as clutter raises it, or one beside the face, says nothing; nor does the lack of one."""
    seen = face(100, 100, 120, 120, score=0.4)
    for level in (hints((110, 110), scores=(0.65,)), hints((140, 110), scores=(0.95,)), hints()):
        assert heed_hints(seen, [level]).scores[0] == pytest.approx(0.4)


def test_no_face_needs_no_hint():
    """Where the closer look saw nothing, hints make no face."""
    assert len(heed_hints(NOTHING, [hints((110, 110))])) == 0
