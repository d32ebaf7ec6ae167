"""What every crew does: threads and processes give the same results, the same errors, and end in the same way."""

import asyncio
from pathlib import Path

import numpy as np
import pytest

from oss_faces.app import build_embedder, build_pipeline
from oss_faces.config import Settings
from oss_faces.decoding import DecodingSettings
from oss_faces.errors import CorruptImage, PictureNotSupported, UnsupportedFormat
from oss_faces.imaging import ImagingSettings
from oss_faces.pipeline import RecognitionPipeline
from oss_faces.protocol import Edit, resolve_process
from oss_faces.stages import (
    DescribeFaces,
    DescribeFile,
    EditFile,
    EmbedFaces,
    EmbedLargest,
    FindFaces,
    PictureEditor,
    Stages,
)
from oss_faces.workers import Crew
from tests.contracts.workers.calls import Fail, Measure, Meet, Unforeseen
from tests.running import portrait

pytestmark = pytest.mark.anyio

PICTURE = portrait().read_bytes()


def edits(chain: str) -> tuple[Edit, ...]:
    return resolve_process(f"image/{chain}").edits


@pytest.fixture(scope="module")
def stages() -> Stages:
    """The same stages, to be asked directly."""
    settings = Settings()
    editor = PictureEditor(DecodingSettings(), ImagingSettings())
    return Stages(build_pipeline(settings), build_embedder(settings), editor)


async def do(crew: Crew, call, content: bytes = PICTURE):
    return await crew.begin(call, content).result()


async def until(claim) -> None:
    async with asyncio.timeout(60):
        while not claim():  # noqa: ASYNC110  other processes cannot set an asyncio.Event
            await asyncio.sleep(0.01)


@pytest.mark.parametrize("chain", ["", "resize,p_50/rotate,90"])
async def test_faces_are_those_of_the_pipeline(chain: str, crew: Crew, stages: Stages) -> None:
    """Box by box and attribute by attribute, with and without edits; the time of each stage comes along."""
    call = FindFaces(edits(chain) if chain else ())
    found, expected = await do(crew, call), call.do(stages, PICTURE)
    assert [(face.box, face.age, face.gender, face.pose) for face in found.faces] == [
        (face.box, face.age, face.gender, face.pose) for face in expected.faces
    ]
    assert len(found.faces) == 1
    assert (found.size, found.models) == (expected.size, expected.models)
    assert set(found.stage_ms) == set(expected.stage_ms)


async def test_vectors_are_those_of_the_embedder(crew: Crew, stages: Stages) -> None:
    """Of all faces, of the largest, and of faces that were found before."""
    expected = RecognitionPipeline(stages.faces, stages.embedder).describe(PICTURE)
    described, largest = await do(crew, DescribeFaces()), await do(crew, EmbedLargest())
    again = await do(crew, EmbedFaces(expected.result.faces[0].landmarks[None]))
    for vectors in (described.vectors, largest.vector[None], again):
        np.testing.assert_allclose(vectors, expected.vectors, atol=1e-6)


async def test_files_are_those_of_the_editor(crew: Crew, stages: Stages) -> None:
    """A picture that is made, and what is told of one."""
    assert await do(crew, EditFile(edits("resize,w_64"))) == stages.editor.edit(PICTURE, edits("resize,w_64"))
    assert await do(crew, DescribeFile()) == stages.editor.describe(PICTURE)


@pytest.mark.parametrize(
    ("call", "error"),
    [(FindFaces(), UnsupportedFormat), (EditFile(edits("resize,w_64")), PictureNotSupported)],
)
async def test_a_file_that_is_no_picture_is_refused(call, error: type[Exception], crew: Crew) -> None:
    """Each operation has its own error for it."""
    with pytest.raises(error):
        await do(crew, call, b"no picture")


async def test_an_error_arrives_with_all_that_is_told(crew: Crew) -> None:
    """Message, EC, details and what only the log is told."""
    with pytest.raises(CorruptImage) as caught:
        await do(crew, Fail())
    error = caught.value
    assert (error.message, error.ec_value, error.details, error.context) == (
        "told",
        "0056-1",
        {"A": "b"},
        {"reason": "drawn"},
    )


async def test_an_unforeseen_error_arrives_as_what_it_is(crew: Crew) -> None:
    """The boundary of the request makes an answer of it, and logs it."""
    with pytest.raises(LookupError, match="nobody expects it"):
        await do(crew, Unforeseen())
    assert await do(crew, Measure()) == len(PICTURE)


@pytest.mark.parametrize("size_bytes", [0, 1, 65_536, 20 << 20])
async def test_content_of_every_size_arrives(size_bytes: int, crew: Crew) -> None:
    """From nothing to the longest file that is taken."""
    assert await do(crew, Measure(), bytes(size_bytes)) == size_bytes


async def test_all_workers_work_at_the_same_time(crew: Crew, tmp_path: Path) -> None:
    """Two are met at once, each of them another; a third begins when one is free."""
    jobs = [crew.begin(Meet(tmp_path), b"") for _ in range(2)]

    def there() -> set[str]:
        return {path.name for path in tmp_path.iterdir() if path.suffix != ".fifo"}

    await until(lambda: len(there()) == 2)
    for name in there():
        (tmp_path / f"{name}.fifo").write_bytes(b"")
    assert {await job.result() for job in jobs} == there()
    assert await do(crew, Measure()) == len(PICTURE)


async def test_the_end_of_a_job_is_told_once(crew: Crew) -> None:
    """Behind its result at once, and before it when it comes; also of work that nobody waits for any more."""
    told: list[str] = []
    job = crew.begin(Measure(), b"")
    await job.result()
    job.when_over(lambda: told.append("done"))
    assert told == ["done"]
    left = crew.begin(FindFaces(), PICTURE)
    waiting = asyncio.create_task(left.result())
    await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.wait([waiting])
    left.when_over(lambda: told.append("left"))
    await until(lambda: "left" in told)
    assert told == ["done", "left"]
    assert await do(crew, Measure(), b"123") == 3
