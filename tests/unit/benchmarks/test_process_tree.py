import os
import subprocess
import sys

from benchmarks.process_tree import cpu_seconds, memory_of, process_tree

NEST = """
import subprocess, sys
child = subprocess.Popen([sys.executable, "-c", "x = bytearray(64 << 20); print('ready', flush=True); input()"])
child.wait()
"""


def test_a_tree_counts_its_grandchildren():
    """Memory of a grandchild counts in the tree of its grandparent, once."""
    with subprocess.Popen([sys.executable, "-c", NEST], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        assert process.stdout.readline() == b"ready\n"
        tree = process_tree(process.pid)
        assert len(tree) == 2
        memory, of_child = memory_of(process.pid), memory_of(tree[1])
        assert memory.processes == 2
        assert memory.private > of_child.private > 64 << 20
        assert of_child.private <= of_child.proportional <= of_child.resident
        process.stdin.write(b"\n")


def test_processor_time_grows_with_work():
    """Work of this process is seen from outside."""
    before = cpu_seconds(os.getpid())
    while cpu_seconds(os.getpid()) < before + 0.05:
        sum(range(10_000))


def test_ended_processes_are_gone():
    """A process that is no more has no memory."""
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        process.wait()
    assert memory_of(process.pid).processes == 0
