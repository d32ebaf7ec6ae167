"""Head pose from 68 points, without any ready-made head model.

The mean shape of the 51 inner points is found from the labelled frames themselves, by factorising many views
under weak perspective (Tomasi and Kanade 1992); each frame is then solved against that shape by Gauss-Newton.

Frames: head and camera share x to the viewer's right, y down, z away from the viewer; a face at rest looks along -z.
A rotation is Rz(roll) Ry(-yaw) Rx(-pitch) in the signs of `oss_faces.values.HeadPose`, so that turning the picture
changes the roll alone.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

INNER: Final = slice(17, 68)
# Places of the mirrored points among all 68, in the usual order of the 68-point scheme.
MIRROR_68: Final = np.array(
    [
        *range(16, -1, -1),
        *range(26, 16, -1),
        *range(27, 31),
        *range(35, 30, -1),
        *(45, 44, 43, 42, 47, 46, 39, 38, 37, 36, 41, 40),
        *range(54, 47, -1),
        *range(59, 54, -1),
        *range(64, 59, -1),
        *(67, 66, 65),
    ]
)
NOSE_TIP: Final = 30 - 17
OUTER_EYES: Final = (36 - 17, 45 - 17)
MOUTH_CORNERS: Final = (48 - 17, 54 - 17)
# Zero of the pitch: a head at rest carries its mouth corners this far ahead of the outer corners of its eyes, seen
# from them and measured against the vertical. Chosen so that on the training part of FFHQ the angles agree on average
# with the labels there, and the faces of people who are interviewed look straight ahead.
REST_MOUTH_AHEAD_DEG: Final = 2.0
SOLVER_STEPS: Final = 12
SMALL: Final = 1e-4

# The shape that `mean_shape` finds in the training part of `udacity_ytf68`: fixed, so that a pose means the same in
# every training and every report.
HEAD_SHAPE: Final = np.array(
    [
        [-1.248, -0.966, 0.391],
        [-1.055, -1.093, 0.121],
        [-0.816, -1.135, -0.043],
        [-0.596, -1.115, -0.136],
        [-0.399, -1.062, -0.177],
        [0.399, -1.062, -0.177],
        [0.596, -1.115, -0.136],
        [0.816, -1.135, -0.043],
        [1.055, -1.093, 0.121],
        [1.248, -0.966, 0.391],
        [0.0, -0.613, -0.206],
        [0.0, -0.336, -0.374],
        [0.0, -0.074, -0.558],
        [0.0, 0.151, -0.584],
        [-0.265, 0.324, -0.119],
        [-0.152, 0.355, -0.204],
        [0.0, 0.388, -0.243],
        [0.152, 0.355, -0.204],
        [0.265, 0.324, -0.119],
        [-0.946, -0.634, 0.294],
        [-0.793, -0.692, 0.128],
        [-0.599, -0.692, 0.122],
        [-0.42, -0.614, 0.166],
        [-0.586, -0.56, 0.134],
        [-0.79, -0.559, 0.182],
        [0.42, -0.614, 0.166],
        [0.599, -0.692, 0.122],
        [0.793, -0.692, 0.128],
        [0.946, -0.634, 0.294],
        [0.79, -0.559, 0.182],
        [0.586, -0.56, 0.134],
        [-0.558, 0.853, 0.242],
        [-0.369, 0.73, -0.049],
        [-0.127, 0.655, -0.199],
        [0.0, 0.68, -0.21],
        [0.127, 0.655, -0.199],
        [0.369, 0.73, -0.049],
        [0.558, 0.853, 0.242],
        [0.358, 1.015, 0.093],
        [0.188, 1.106, 0.021],
        [0.0, 1.124, 0.004],
        [-0.188, 1.106, 0.021],
        [-0.358, 1.015, 0.093],
        [-0.518, 0.847, 0.238],
        [-0.165, 0.799, -0.08],
        [0.0, 0.793, -0.119],
        [0.165, 0.799, -0.08],
        [0.518, 0.847, 0.238],
        [0.163, 0.915, 0.021],
        [0.0, 0.93, 0.001],
        [-0.163, 0.915, 0.021],
    ]
)


@dataclass(frozen=True, slots=True)
class Pose:
    """Angles of many heads in degrees, (N,) each, and the residual as a share of the face's size."""

    pitch: Array
    yaw: Array
    roll: Array
    residual: Array


def mean_shape(points: Array) -> Array:
    """Find the shape that best explains all views.

    Args:
        points: (N, 68, 2) in any pixels.

    Returns:
        (51, 3) in the head frame, centred, of unit root-mean-square size.
    """
    views = _centred(points[:, INNER])
    measured = views.transpose(0, 2, 1).reshape(-1, views.shape[1])
    left, singular, right = np.linalg.svd(measured, full_matrices=False)
    motion, shape = left[:, :3] * singular[:3], right[:3]
    root = np.linalg.cholesky(_metric(motion.reshape(-1, 2, 3)))
    upright = _upright(np.linalg.solve(root, shape).T)
    return np.asarray(upright / np.sqrt((upright**2).sum(axis=1).mean()))


def head_shape() -> Array:
    """Give the fixed shape (51, 3) against which all poses are solved."""
    return HEAD_SHAPE.copy()


def _centred(points: Array) -> Array:
    centred = points - points.mean(axis=1, keepdims=True)
    return np.asarray(centred / np.sqrt((centred**2).sum(axis=2).mean(axis=1))[:, None, None])


def _metric(motion: Array) -> Array:
    """Symmetric matrix that makes the two rows of every view as long as each other and perpendicular."""
    first, second = motion[:, 0], motion[:, 1]

    def product(a: Array, b: Array) -> Array:
        terms = [a[:, i] * b[:, j] + (a[:, j] * b[:, i] if i != j else 0) for i, j in _UPPER]
        return np.stack(terms, axis=1)

    equal, square = product(first, first) - product(second, second), product(first, second)
    size = (product(first, first) + product(second, second)).mean(axis=0, keepdims=True) * len(motion)
    system = np.concatenate([equal, square, size])
    target = np.zeros(len(system))
    target[-1] = 2.0 * len(motion)
    solution = np.linalg.lstsq(system, target, rcond=None)[0]
    metric = np.zeros((3, 3))
    for value, (i, j) in zip(solution, _UPPER, strict=True):
        metric[i, j] = metric[j, i] = value
    return metric


_UPPER: Final = ((0, 0), (0, 1), (0, 2), (1, 1), (1, 2), (2, 2))


def _upright(shape: Array) -> Array:
    """Turn a shape into the head frame by its own symmetry, and make it exactly symmetric."""
    mirror = MIRROR_68[INNER] - INNER.start
    across = (shape - shape[mirror])[mirror > np.arange(len(mirror))]
    x_axis = -np.linalg.svd(across)[2][0]
    x_axis *= np.sign((shape[OUTER_EYES[1]] - shape[OUTER_EYES[0]]) @ x_axis)
    eyes, mouth = shape[list(OUTER_EYES)].mean(axis=0), shape[list(MOUTH_CORNERS)].mean(axis=0)
    down = mouth - eyes
    down -= (down @ x_axis) * x_axis
    y_axis = down / np.linalg.norm(down)
    z_axis = np.cross(x_axis, y_axis)
    turned = shape @ np.stack([x_axis, y_axis, z_axis]).T
    # Weak perspective cannot tell near from far: the nose decides.
    if turned[NOSE_TIP, 2] > 0:
        turned = turned * np.array([1.0, 1.0, -1.0])
    turned = (turned + turned[mirror] * np.array([-1.0, 1.0, 1.0])) / 2
    rest = np.deg2rad(REST_MOUTH_AHEAD_DEG)
    cosine, sine = np.cos(rest), np.sin(rest)
    return np.asarray(turned @ np.array([[1, 0, 0], [0, cosine, -sine], [0, sine, cosine]]))


def solve(shape: Array, points: Array) -> Pose:
    """Solve the pose of every face.

    Args:
        shape: as `mean_shape` makes it.
        points: (N, 68, 2) in pixels of any upright picture.
    """
    views = _centred(points[:, INNER])
    rotation, scale = _start(shape, views)
    for _ in range(SOLVER_STEPS):
        rotation, scale = _step(shape, views, rotation, scale)
    residual = views - scale[:, None, None] * _project(rotation, shape)
    pitch, yaw, roll = angles_of(rotation)
    return Pose(pitch, yaw, roll, np.sqrt((residual**2).sum(axis=2).mean(axis=1)))


def angles_of(rotation: Array) -> tuple[Array, Array, Array]:
    """Pitch, yaw and roll in degrees of (N, 3, 3) rotations."""
    yaw = -np.arcsin(np.clip(-rotation[:, 2, 0], -1, 1))
    pitch = -np.arctan2(rotation[:, 2, 1], rotation[:, 2, 2])
    roll = np.arctan2(rotation[:, 1, 0], rotation[:, 0, 0])
    return np.rad2deg(pitch), np.rad2deg(yaw), np.rad2deg(roll)


def rotation_of(pitch: float, yaw: float, roll: float) -> Array:
    """Rotation (3, 3) from the head to the camera, from degrees; inverse of `angles_of`."""
    b, a, c = np.deg2rad(-pitch), np.deg2rad(-yaw), np.deg2rad(roll)
    about_x = np.array([[1, 0, 0], [0, np.cos(b), -np.sin(b)], [0, np.sin(b), np.cos(b)]])
    about_y = np.array([[np.cos(a), 0, np.sin(a)], [0, 1, 0], [-np.sin(a), 0, np.cos(a)]])
    about_z = np.array([[np.cos(c), -np.sin(c), 0], [np.sin(c), np.cos(c), 0], [0, 0, 1]])
    return np.asarray(about_z @ about_y @ about_x)


def _project(rotation: Array, shape: Array) -> Array:
    return np.asarray(np.einsum("nij,pj->npi", rotation[:, :2], shape))


def _start(shape: Array, views: Array) -> tuple[Array, Array]:
    affine = np.einsum("npi,pj->nij", views, shape @ np.linalg.inv(shape.T @ shape))
    left, singular, right = np.linalg.svd(affine, full_matrices=False)
    rows = left @ right
    third = np.cross(rows[:, 0], rows[:, 1])
    return np.concatenate([rows, third[:, None]], axis=1), singular.mean(axis=1)


def _step(shape: Array, views: Array, rotation: Array, scale: Array) -> tuple[Array, Array]:
    """One Gauss-Newton step over three turns and the logarithm of the scale."""
    predicted = scale[:, None, None] * _project(rotation, shape)
    columns = [predicted]
    for axis in range(3):
        turn = np.zeros(3)
        turn[axis] = SMALL
        moved = scale[:, None, None] * _project(_turn(np.broadcast_to(turn, (len(views), 3))) @ rotation, shape)
        columns.append((moved - predicted) / SMALL)
    jacobian = np.stack([column.reshape(len(views), -1) for column in columns], axis=2)
    error = (views - predicted).reshape(len(views), -1)
    normal = np.einsum("nki,nkj->nij", jacobian, jacobian) + 1e-9 * np.eye(4)
    update = np.linalg.solve(normal, np.einsum("nki,nk->ni", jacobian, error)[..., None])[..., 0]
    return np.asarray(_turn(update[:, 1:]) @ rotation), scale * np.exp(np.clip(update[:, 0], -0.5, 0.5))


def _turn(vector: Array) -> Array:
    """Rotations (N, 3, 3) about the given axes by their lengths in radians (Rodrigues)."""
    angle = np.linalg.norm(vector, axis=1)
    axis = vector / np.maximum(angle, 1e-12)[:, None]
    cross = np.zeros((len(vector), 3, 3))
    cross[:, 0, 1], cross[:, 0, 2] = -axis[:, 2], axis[:, 1]
    cross[:, 1, 0], cross[:, 1, 2] = axis[:, 2], -axis[:, 0]
    cross[:, 2, 0], cross[:, 2, 1] = -axis[:, 1], axis[:, 0]
    sine, cosine = np.sin(angle)[:, None, None], np.cos(angle)[:, None, None]
    return np.asarray(np.eye(3) + sine * cross + (1 - cosine) * (cross @ cross))
