"""mediapipe 0.10.21, the last version whose wheel holds its networks: full-range detector, and the mesh of faces."""

from collections.abc import Sequence
from typing import Any, Final

import cv2
import mediapipe

from benchmarks.peers.answering import Box, Peer, answer_as

FULL_RANGE: Final = 1
UNSURE: Final = 0.02
SURE: Final = 0.5
FACES_MAX: Final = 50


def main() -> None:
    """Load both graphs, then answer."""
    solutions = mediapipe.solutions
    sure, unsure = (solutions.face_detection.FaceDetection(score, FULL_RANGE) for score in (SURE, UNSURE))
    mesh = solutions.face_mesh.FaceMesh(static_image_mode=True, max_num_faces=FACES_MAX, refine_landmarks=True)
    answer_as(
        Peer(
            mediapipe.__version__,
            lambda file: _detect(sure, file),
            lambda file: _detect(unsure, file),
            lambda file: _record(sure, mesh, file),
        )
    )


def _read(file: str) -> Any:
    return cv2.cvtColor(cv2.imread(file), cv2.COLOR_BGR2RGB)


def _detect(detector: Any, file: str) -> list[Box]:
    return _find(detector, _read(file))


def _find(detector: Any, picture: Any) -> list[Box]:
    height, width = picture.shape[:2]
    boxes: list[Box] = []
    for found in detector.process(picture).detections or ():
        box = found.location_data.relative_bounding_box
        left, top = box.xmin * width, box.ymin * height
        boxes.append([left, top, left + box.width * width, top + box.height * height, found.score[0]])
    return boxes


def _record(detector: Any, mesh: Any, file: str) -> Sequence[dict[str, Any]]:
    picture = _read(file)
    boxes = _find(detector, picture)
    meshes = mesh.process(picture).multi_face_landmarks or ()
    return [
        *({"box": box, "score": box[-1]} for box in boxes[len(meshes) :]),
        *({"box": box, "score": box[-1], "mesh": marks.landmark} for box, marks in zip(boxes, meshes, strict=False)),
    ]


if __name__ == "__main__":
    main()
