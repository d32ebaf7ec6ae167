import numpy as np
import pytest

from oss_faces.detection.merging import Sightings, consolidate, merge
from oss_faces.detection.views import View, Window, view_part, view_whole
from oss_faces.values import Detections, ImageSize

SIZE = ImageSize(640, 640)
OVERVIEW = view_whole(SIZE, 640, 1.0)
AFAR = view_whole(SIZE, 160, 1.0, margin=32)


def seen(view: View, *faces: tuple[float, float, float, float, float]) -> Sightings:
    rows = np.array(faces, np.float32).reshape(-1, 5)
    landmarks = np.repeat(rows[:, None, :2], 5, axis=1)
    return Sightings(view, Detections(rows[:, :4].copy(), rows[:, 4].copy(), landmarks))


def merged(*sightings: Sightings, score_threshold: float = 0.3) -> Detections:
    return merge(sightings, score_threshold, 0.35)


def test_nothing_seen_is_nothing_found():
    """Views without a sighting give no face."""
    assert len(merged(seen(OVERVIEW), seen(AFAR))) == 0


def test_one_face_seen_twice_is_one_face():
    """Two views of one face give one detection, surer than either."""
    found = merged(seen(OVERVIEW, (200, 200, 400, 400, 0.8)), seen(AFAR, (204, 200, 404, 400, 0.8)))
    assert len(found) == 1
    assert found.scores[0] > 0.8


def test_a_witness_that_saw_nothing_speaks_against():
    """A face that only one of two able views saw is doubted."""
    alone = merged(seen(OVERVIEW, (150, 150, 475, 475, 0.6)), score_threshold=0.0)
    doubted = merged(seen(OVERVIEW, (150, 150, 475, 475, 0.6)), seen(AFAR), score_threshold=0.0)
    assert alone.scores[0] == pytest.approx(0.6)
    assert doubted.scores[0] < 0.1


def test_a_witness_is_heard_the_more_the_larger_the_face():
    """The word of the look from afar grows with the face, so that no score jumps between two sizes."""
    sizes = (150, 210, 240, 270, 300)
    scores = [
        merged(seen(OVERVIEW, (100, 100, 100 + size, 100 + size, 0.6)), seen(AFAR), score_threshold=0.0).scores[0]
        for size in sizes
    ]
    assert scores[0] == pytest.approx(0.6)
    assert scores == sorted(scores, reverse=True)
    assert len(set(scores)) == len(sizes)


def test_what_only_a_closer_look_sees_is_never_very_sure():
    """A face that the views of the whole picture did not see is reported, with a modest score."""
    closer = view_part(SIZE, Window(100, 100, 48, 48), 4.0)
    found = merged(seen(OVERVIEW), seen(AFAR), seen(closer, (110, 110, 124, 124, 0.95)))
    assert found.scores[0] == pytest.approx(0.6)


def test_a_closer_look_is_as_sure_as_the_overview_may_be():
    """Where the overview saw the same face too, the closer look may be as sure as that."""
    closer = view_part(SIZE, Window(100, 100, 48, 48), 4.0)
    found = merged(seen(OVERVIEW, (110, 110, 124, 124, 0.8)), seen(AFAR), seen(closer, (110, 110, 124, 124, 0.95)))
    assert found.scores.tolist() == [pytest.approx(0.8)]


def test_specks_in_the_look_from_afar_are_not_reported():
    """A face of 10 px on that canvas is left to the overview."""
    assert len(merged(seen(OVERVIEW), seen(AFAR, (200, 200, 240, 240, 0.9)))) == 0


def test_below_the_floor_a_sighting_is_worth_its_own_score():
    """Who asks for very low scores gets them in the network's order, whatever the views agree on."""
    found = merged(seen(OVERVIEW, (0, 0, 40, 40, 0.03), (300, 300, 340, 340, 0.05)), score_threshold=0.0)
    assert found.scores.tolist() == [pytest.approx(0.05), pytest.approx(0.03)]


def test_a_view_in_which_the_face_is_too_small_is_no_witness():
    """At 160 px a face of 40 px is 10 px: that view says nothing about it."""
    found = merged(seen(OVERVIEW, (200, 200, 240, 240, 0.6)), seen(AFAR))
    assert found.scores[0] == pytest.approx(0.6)


def test_a_view_without_margin_says_nothing_about_a_face_that_fills_the_picture():
    """The overview shows such a face without its outline; only the look from afar, with room around it, counts."""
    small = ImageSize(200, 200)
    overview, afar = view_whole(small, 200, 1.0), view_whole(small, 200, 1.0, margin=32)
    found = merged(seen(overview), seen(afar, (-10, -10, 210, 210, 0.7)))
    assert found.scores[0] == pytest.approx(0.7)
    doubted = merged(seen(overview), seen(afar, (20, 20, 180, 180, 0.7)), score_threshold=0.0)
    assert doubted.scores[0] < 0.2


def test_pieces_of_a_face_are_not_faces():
    """A small box inside a surer face is a piece of it."""
    views = seen(OVERVIEW, (200, 200, 500, 500, 0.9), (300, 300, 340, 340, 0.5)), seen(AFAR, (200, 200, 500, 500, 0.9))
    assert len(merged(*views)) == 1


def test_neighbours_stay_apart():
    """Faces side by side, even overlapping a little, are two."""
    found = merged(seen(OVERVIEW, (100, 100, 160, 160, 0.9), (150, 100, 210, 160, 0.8)))
    assert len(found) == 2


def test_place_leans_to_the_view_that_measures_best():
    """Of two views, the one that saw the face near 95 px decides its place; the other hardly moves it."""
    found = merged(seen(OVERVIEW, (100, 100, 500, 500, 0.9)), seen(AFAR, (108, 108, 508, 508, 0.9)))
    assert found.boxes[0, 0] == pytest.approx(108, abs=1)
    assert found.landmarks[0, 0, 0] == pytest.approx(108, abs=1)


def test_faces_come_by_descending_score():
    """The surest face is the first."""
    found = merged(seen(OVERVIEW, (0, 0, 50, 50, 0.5), (300, 300, 350, 350, 0.9), (500, 0, 550, 50, 0.7)))
    assert found.scores.tolist() == sorted(found.scores.tolist(), reverse=True)
    assert found.boxes[0, 0] == pytest.approx(300)


def test_threshold_is_exclusive():
    """A face at the threshold is dropped."""
    assert len(merged(seen(OVERVIEW, (0, 0, 20, 20, 0.5)), score_threshold=0.5)) == 0


def cells(*rows: tuple[float, float, float, float, float]) -> Detections:
    return seen(OVERVIEW, *rows).found


def test_no_cell_no_sighting():
    """A view without a cell above the floor saw nothing."""
    assert len(consolidate(cells(), 0.35)) == 0


def test_neighbouring_cells_are_one_sighting_between_them():
    """Two cells of equal score meet in the middle, so that neither winning by a hair moves the box."""
    found = consolidate(cells((100, 100, 200, 200, 0.8), (102, 100, 202, 200, 0.8)), 0.35)
    assert found.boxes[0] == pytest.approx([101, 100, 201, 200], abs=0.1)
    assert found.scores.tolist() == [np.float32(0.8)]


def test_surer_cells_weigh_more():
    """A weak cell hardly moves the box."""
    found = consolidate(cells((100, 100, 200, 200, 0.9), (110, 100, 210, 200, 0.1)), 0.35)
    assert found.boxes[0, 0] == pytest.approx(100.1, abs=0.1)


def test_faces_apart_stay_apart():
    """Cells of different faces are not averaged; the surest comes first."""
    found = consolidate(cells((0, 0, 50, 50, 0.5), (300, 300, 350, 350, 0.9)), 0.35)
    assert found.boxes[:, 0] == pytest.approx([300, 0], abs=0.01)


def test_many_faces_are_moved_as_each_alone_would_be():
    """Faces are worked on in groups; which others are in its group, or in the next, changes nothing about one."""
    random = np.random.default_rng(0)
    corners = [(90 * column, 90 * row) for column in range(10) for row in range(10)]
    faces = [
        np.array([[x, y, x + 60, y + 60, 0.9]])
        + np.column_stack([random.uniform(-3, 3, (5, 4)), -random.random(5) / 9])
        for x, y in corners
    ]
    together = consolidate(cells(*np.concatenate(faces).tolist()), 0.35)
    alone = [consolidate(cells(*face.tolist()), 0.35) for face in faces]
    assert [len(one) for one in alone] == [1] * 100
    expected = sorted(one.boxes[0].tolist() for one in alone)
    assert np.allclose(sorted(together.boxes.tolist()), expected, atol=1e-3)
