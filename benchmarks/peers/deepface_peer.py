"""deepface with mtcnn, the one of its neural detectors whose weights are in a package.

Age, gender and emotion would be loaded from a source repository at the first call; `record` asks for them, so that the
answer says what became of it.
"""

import sys
from importlib.metadata import version
from typing import Any

import cv2
import tensorflow as tf
from deepface import DeepFace

from benchmarks.peers.answering import Box, Peer, answer_as


def main() -> None:
    """Answer, with the detector that the command line names."""
    backend = sys.argv[1]
    cv2.setNumThreads(1)
    tf.config.threading.set_intra_op_parallelism_threads(1)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    answer_as(
        Peer(
            version("deepface"),
            lambda file: _detect(backend, file),
            lambda file: _detect(backend, file),
            lambda file: _record(backend, file),
        )
    )


def _detect(backend: str, file: str) -> list[Box]:
    faces = DeepFace.extract_faces(file, detector_backend=backend, enforce_detection=False, align=False)
    boxes: list[Box] = []
    for face in faces:
        area, score = face["facial_area"], float(face["confidence"] or 0.0)
        # Without any face it gives the whole picture, with a confidence of nought.
        if score > 0.0:
            boxes.append([area["x"], area["y"], area["x"] + area["w"], area["y"] + area["h"], score])
    return boxes


def _record(backend: str, file: str) -> list[dict[str, Any]]:
    wanted = ["age", "gender", "emotion"]
    told = DeepFace.analyze(file, wanted, enforce_detection=False, detector_backend=backend, silent=True)
    return [{"box": face["region"], **{name: face.get(name) for name in wanted}} for face in told]


if __name__ == "__main__":
    main()
