import math

import numpy as np
import pytest

from oss_faces.geometry import (
    FRONTAL_POINTS,
    CropFrame,
    align_square,
    box_areas,
    fit_rotation,
    pairwise_containment,
    pairwise_iou,
    suppress,
)


def boxes(*rows: tuple[float, float, float, float]) -> np.ndarray:
    return np.array(rows, np.float32).reshape(-1, 4)


NONE = boxes()
UNIT = boxes((0, 0, 2, 2))


def test_areas_of_no_boxes_are_none():
    """No box, no area."""
    assert box_areas(NONE).shape == (0,)


def test_box_turned_inside_out_has_no_area():
    """A box whose right edge lies left of its left edge covers nothing."""
    assert box_areas(boxes((0, 0, 3, 2), (3, 0, 0, 2))).tolist() == [6, 0]


@pytest.mark.parametrize(
    ("other", "iou", "containment"),
    [
        ((0, 0, 2, 2), 1.0, 1.0),
        ((1, 0, 3, 2), 2 / 6, 0.5),
        ((0, 0, 1, 1), 0.25, 1.0),
        ((2, 0, 4, 2), 0.0, 0.0),
        ((1, 1, 1, 1), 0.0, 0.0),
    ],
)
def test_overlap_of_two_boxes(other, iou, containment):
    """Overlap is the shared area over the joint one, or over the smaller one; a box without area shares nothing."""
    assert pairwise_iou(UNIT, boxes(other))[0, 0] == pytest.approx(iou)
    assert pairwise_containment(UNIT, boxes(other))[0, 0] == pytest.approx(containment)


def test_overlaps_pair_every_box_with_every_other():
    """Rows are the first boxes, columns the second; either may be empty."""
    assert pairwise_iou(boxes((0, 0, 1, 1), (5, 5, 6, 6)), UNIT).shape == (2, 1)
    assert pairwise_iou(NONE, UNIT).shape == (0, 1)
    assert pairwise_containment(UNIT, NONE).shape == (1, 0)


def test_two_empty_boxes_do_not_overlap():
    """Nothing over nothing counts as no overlap, not as a failed division."""
    point = boxes((1, 1, 1, 1))
    assert pairwise_iou(point, point)[0, 0] == 0


def test_suppression_keeps_the_surest_of_each_heap():
    """Of overlapping boxes the one with the highest score stays, and order is by score."""
    rows = boxes((0, 0, 2, 2), (0, 0, 2, 1.9), (5, 5, 6, 6))
    assert suppress(rows, np.array([0.6, 0.9, 0.7], np.float32), 0.5).tolist() == [1, 2]


def test_suppression_of_nothing_keeps_nothing():
    """No box, nothing kept."""
    assert suppress(NONE, np.zeros(0, np.float32), 0.5).tolist() == []


def test_suppression_at_the_threshold_drops_the_box():
    """Boxes that overlap by exactly the threshold are the same."""
    rows = boxes((0, 0, 2, 2), (0, 0, 1, 2))
    assert suppress(rows, np.array([0.9, 0.8], np.float32), 0.5).tolist() == [0]


@pytest.mark.parametrize("degrees", [0, 30, -45, 90, 179])
def test_rotation_is_that_of_the_points(degrees):
    """Turning the frontal points clockwise gives that angle, whatever their size and place."""
    angle = math.radians(degrees)
    turn = np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
    points = (FRONTAL_POINTS @ turn.T * 40 + [300, 20]).astype(np.float32)
    assert math.degrees(fit_rotation(points)) == pytest.approx(degrees, abs=1e-3)


def test_upright_crop_maps_its_corners_to_the_square():
    """Without rotation, the corners of the crop are those of the square around the centre."""
    matrix = CropFrame(center_x=50, center_y=30, side=20, angle=0.0).to_source(10)
    assert matrix @ [0, 0, 1] == pytest.approx([40, 20])
    assert matrix @ [10, 10, 1] == pytest.approx([60, 40])


def test_crop_turned_clockwise_looks_down_first():
    """After a quarter turn clockwise, the crop's x axis points down in the picture."""
    matrix = CropFrame(center_x=0, center_y=0, side=2, angle=math.pi / 2).to_source(2)
    assert matrix @ [2, 1, 1] == pytest.approx([0, 1])
    assert matrix @ [1, 1, 1] == pytest.approx([0, 0])


@pytest.mark.parametrize("degrees", [0, 25, -120])
def test_aligned_square_brings_the_points_onto_the_template(degrees):
    """Points that are the template turned, scaled and moved lie on it again, seen in the square."""
    angle = math.radians(degrees)
    turn = np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
    points = (FRONTAL_POINTS @ turn.T * 40 + [300, 20]).astype(np.float32)
    frame = align_square(points, FRONTAL_POINTS)
    assert frame.side == pytest.approx(40, abs=1e-3)
    matrix = frame.to_source(1)
    assert FRONTAL_POINTS @ matrix[:, :2].T + matrix[:, 2] == pytest.approx(points, abs=1e-3)


def test_points_in_one_place_still_give_a_square():
    """A broken detection leads to a square of one pixel, not to an error."""
    frame = align_square(np.full((5, 2), 7, np.float32), FRONTAL_POINTS)
    assert (frame.center_x, frame.center_y, frame.side) == (7, 7, 1)
