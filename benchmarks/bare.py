"""A program that runs the pipeline in one thread, without a server: `python -m benchmarks.bare`.

A question names `file`, `seconds` and `task`: `records` is the whole pipeline, `detect` decodes and detects. The answer
is a `Turn`, with the number of faces.
"""

from collections.abc import Callable
from dataclasses import asdict
from functools import partial
from pathlib import Path

from benchmarks.lines import Answer, Question, answer_lines, call_for
from oss_faces import load_pipeline
from oss_faces.pipeline import FacePipeline


def main() -> None:
    """Load the models, then answer."""
    pipeline = load_pipeline()
    answer_lines({"models": pipeline.models}, partial(_answer, pipeline))


def _answer(pipeline: FacePipeline, question: Question) -> Answer:
    content = Path(question["file"]).read_bytes()
    tasks: dict[str, Callable[[], int]] = {
        "records": lambda: len(pipeline.find_faces(content).faces),
        "detect": lambda: len(pipeline.detector.detect(pipeline.decode(content))),
    }
    work = tasks[question["task"]]
    faces = work() if question.get("warm") else None
    return {**asdict(call_for(work, question["seconds"])), "faces": faces}


if __name__ == "__main__":
    main()
