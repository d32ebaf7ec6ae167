"""A search for bytes finds them wherever they lie, and counts what it read."""

import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from oss_faces.audit import Traces, find_traces, find_traces_apart
from oss_faces.audit.traces import PIECE_BYTES

RANDOM = np.random.default_rng(7)
VECTOR = RANDOM.standard_normal(128, np.float32).tobytes()
NOISE = RANDOM.bytes(5 * 1024 * 1024)


def search(folder: Path, content: bytes, *passages: bytes) -> Traces:
    (folder / "a").mkdir()
    (folder / "a" / "file").write_bytes(content)
    return find_traces(folder, passages or (VECTOR,))


def test_an_empty_folder_has_no_trace(tmp_path: Path) -> None:
    """Nothing to read, nothing found."""
    assert find_traces(tmp_path, [VECTOR]) == Traces(0, 0, 0)


def test_what_is_not_there_is_not_found(tmp_path: Path) -> None:
    """All was read, and there is no piece; nor is there one of nothing."""
    assert search(tmp_path, NOISE) == Traces(1, len(NOISE), 0)
    assert find_traces(tmp_path, []).found_in == 0


@pytest.mark.parametrize("place", [0, 1, 2, 3, 4097, 4 * 1024 * 1024 - 5, 4 * 1024 * 1024 - PIECE_BYTES, len(NOISE)])
def test_a_vector_is_found_at_every_place(place: int, tmp_path: Path) -> None:
    """Aligned or not, at the end, and across two reads."""
    assert search(tmp_path, NOISE[:place] + VECTOR + NOISE[place:]).found_in == 1


@pytest.mark.parametrize("piece", [0, 5, 15])
def test_a_piece_is_a_trace(piece: int, tmp_path: Path) -> None:
    """A page that kept a part of a vector gives it away."""
    part = VECTOR[piece * PIECE_BYTES : (piece + 1) * PIECE_BYTES]
    assert search(tmp_path, NOISE[:999] + part + NOISE[999:]).found_in == 1


def test_less_than_a_piece_is_chance(tmp_path: Path) -> None:
    """The first four bytes alone stand in many files."""
    assert search(tmp_path, NOISE[:999] + VECTOR[: PIECE_BYTES - 1] + NOISE[999:]).found_in == 0


def test_short_passages_are_whole(tmp_path: Path) -> None:
    """A name can be looked for as well, and two that begin alike are told apart."""
    assert search(tmp_path, b"... Ada Lovelace ...", b"Ada Byron").found_in == 0
    assert find_traces(tmp_path, [b"Ada Byron", b"Ada Lovelace"]).found_in == 1


def test_folders_are_left_out_and_links_not_followed(tmp_path: Path) -> None:
    """What is named is not entered; a link leads nowhere."""
    search(tmp_path, VECTOR)
    assert find_traces(tmp_path, [VECTOR], frozenset({"a"})) == Traces(0, 0, 0)
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "link").symlink_to(tmp_path / "a" / "file")
    assert find_traces(tmp_path / "b", [VECTOR]) == Traces(0, 0, 0)


def test_it_says_in_how_many_files(tmp_path: Path) -> None:
    """Each file with a trace counts once."""
    for name in ("x", "y", "z"):
        (tmp_path / name).write_bytes(VECTOR * 2 if name != "z" else b"")
    assert find_traces(tmp_path, [VECTOR]).found_in == 2


def test_search_apart_leaves_the_locks_of_this_process(tmp_path: Path) -> None:
    """It finds the same, and a database that is open here keeps its log when somebody else comes and goes."""
    (tmp_path / "a").write_bytes(b"x" * 100 + bytes(range(64)))
    with closing(sqlite3.connect(tmp_path / "db", isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("CREATE TABLE t (x)")
        traces = find_traces_apart(tmp_path, [bytes(range(64))])
        assert traces.found_in == 1
        assert traces.files == 4
        program = "import sqlite3, sys; c = sqlite3.connect(sys.argv[1]); c.execute('SELECT * FROM t'); c.close()"
        subprocess.run([sys.executable, "-c", program, str(tmp_path / "db")], check=True, timeout=60)
        assert (tmp_path / "db-wal").exists()
