import threading

import pytest

from evaluation.sets import SetFolder
from evaluation.task import Task
from oss_faces.config import Settings


@pytest.mark.parametrize("threads", [1, 3])
def test_rows_come_back_in_order_with_their_results(threads, tmp_path):
    """However many threads work, each row stands beside its own result, in the order of the rows."""
    task = Task(SetFolder(tmp_path), Settings(), lambda _: None, lambda _: None, tmp_path, threads)
    made = list(task.each(({"n": n} for n in range(50)), lambda row: row["n"] ** 2))
    assert made == [({"n": n}, n**2) for n in range(50)]


def test_threads_work_side_by_side(tmp_path):
    """Two rows that wait for each other are done by two threads."""
    task = Task(SetFolder(tmp_path), Settings(), lambda _: None, lambda _: None, tmp_path, 2)
    both = threading.Barrier(2, timeout=30)
    assert [result for _, result in task.each([{}, {}], lambda _: both.wait() >= 0)] == [True, True]
