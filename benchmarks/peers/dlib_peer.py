"""dlib through `face_recognition`: HOG detector, five points, a vector of 128."""

from typing import Any, Final

import dlib
import face_recognition

from benchmarks.peers.answering import Box, Peer, answer_as

UNSURE: Final = -1.0
"""Added to the threshold of the HOG detector for the curve."""


def main() -> None:
    """Answer."""
    detector = dlib.get_frontal_face_detector()
    answer_as(
        Peer(
            f"dlib {dlib.__version__}, face_recognition {face_recognition.__version__}",
            _detect,
            lambda file: _weigh(detector, file),
            _record,
        )
    )


def _detect(file: str) -> list[Box]:
    picture = face_recognition.load_image_file(file)
    return [[left, top, right, bottom, 1.0] for top, right, bottom, left in face_recognition.face_locations(picture)]


def _weigh(detector: Any, file: str) -> list[Box]:
    """The same detector with a lower threshold, once enlarged as `face_locations` does."""
    boxes, scores, _ = detector.run(face_recognition.load_image_file(file), 1, UNSURE)
    return [[box.left(), box.top(), box.right(), box.bottom(), score] for box, score in zip(boxes, scores, strict=True)]


def _record(file: str) -> list[dict[str, Any]]:
    picture = face_recognition.load_image_file(file)
    places = face_recognition.face_locations(picture)
    points = face_recognition.face_landmarks(picture, places, model="small")
    vectors = face_recognition.face_encodings(picture, places, model="small")
    return [
        {"box": place, "landmarks": marks, "embedding": vector}
        for place, marks, vector in zip(places, points, vectors, strict=True)
    ]


if __name__ == "__main__":
    main()
