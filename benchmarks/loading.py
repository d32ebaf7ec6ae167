"""A program that imports the runtime, loads every network of a server and ends: `python -m benchmarks.loading`."""

from oss_faces.inference import (
    CENTERFACE,
    DLIB_RECOGNITION,
    ModelSettings,
    OnnxSession,
    attributes_spec,
    prepare_attributes,
    prepare_centerface,
    prepare_dlib_recognition,
    prepare_scout,
    read_model,
    scout_spec,
)


def main() -> None:
    """Load them once."""
    settings = ModelSettings()
    OnnxSession(prepare_centerface(read_model(CENTERFACE, settings), {}))
    OnnxSession(prepare_scout(read_model(scout_spec(settings), settings)))
    OnnxSession(prepare_attributes(read_model(attributes_spec(settings), settings)))
    OnnxSession(prepare_dlib_recognition(read_model(DLIB_RECOGNITION, settings)))


if __name__ == "__main__":
    main()
