import numpy as np
import pytest

from evaluation.attributes_headpose import INNER, MIRROR_68, angles_of, head_shape, mean_shape, rotation_of, solve


def views(angles: list[tuple[float, float, float]]) -> np.ndarray:
    """Points (N, 68, 2) of the fixed head at these poses, far from square with the pixel grid."""
    points = np.zeros((len(angles), 68, 2))
    for place, pose in enumerate(angles):
        points[place, INNER] = (head_shape() @ rotation_of(*pose).T)[:, :2] * (30 + place) + [70, 55]
    return points


POSES = [(0, 0, 0), (20, 0, 0), (0, 35, 0), (0, 0, 40), (-15, 25, -30), (10, -50, 170)]


@pytest.mark.parametrize("pose", POSES)
def test_pose_of_a_projected_head_is_found(pose: tuple[float, float, float]) -> None:
    """Solving the projection of a turned head gives its angles back."""
    solved = solve(head_shape(), views([pose]))
    assert (solved.pitch[0], solved.yaw[0], solved.roll[0]) == pytest.approx(pose, abs=0.01)
    assert solved.residual[0] < 1e-3


def test_signs_are_those_of_head_pose() -> None:
    """Looking up raises the nose, turning to the viewer's right moves it to +x, roll turns clockwise."""
    forward = np.array([0, 0, -1.0])
    assert (rotation_of(20, 0, 0) @ forward)[1] < 0
    assert (rotation_of(0, 20, 0) @ forward)[0] > 0
    assert (rotation_of(0, 0, 20) @ np.array([1.0, 0, 0]))[1] > 0


def test_mirrored_picture_turns_yaw_and_roll_around() -> None:
    """In a mirror the face looks to the other side, tilts to the other side, and looks up as before."""
    original = views([(12, 25, -18)])
    mirrored = original.copy()
    mirrored[..., 0] = 200 - mirrored[..., 0]
    solved = solve(head_shape(), mirrored[:, MIRROR_68])
    assert (solved.pitch[0], solved.yaw[0], solved.roll[0]) == pytest.approx((12, -25, 18), abs=0.05)


def test_rotating_the_picture_changes_the_roll_alone() -> None:
    """A clockwise turn of the picture adds to the roll."""
    angle = np.deg2rad(33)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    solved = solve(head_shape(), views([(12, 25, -18)]) @ turn.T)
    assert (solved.pitch[0], solved.yaw[0], solved.roll[0]) == pytest.approx((12, 25, 15), abs=0.01)


def test_angles_and_rotation_are_inverse() -> None:
    """Angles of a rotation made from angles are those angles."""
    made = np.stack([rotation_of(*pose) for pose in POSES])
    assert np.stack(angles_of(made), axis=1) == pytest.approx(np.array(POSES, float), abs=1e-9)


def test_shape_is_found_from_views_alone() -> None:
    """Many views of one head give that head back, up to how far it nods at rest, which is a convention."""
    random = np.random.default_rng(3)
    poses = [tuple(random.uniform((-25, -45, -20), (25, 45, 20))) for _ in range(60)]
    found = mean_shape(views(poses))
    assert found == pytest.approx(head_shape() / np.sqrt((head_shape() ** 2).sum(axis=1).mean()), abs=0.02)


def test_mirroring_the_points_twice_changes_nothing() -> None:
    """The table of mirrored points is its own inverse."""
    assert np.array_equal(MIRROR_68[MIRROR_68], np.arange(68))
