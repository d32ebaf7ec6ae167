from collections import Counter

from defusedxml import ElementTree

from benchmarks.flame import below, draw, read_stacks


def test_folded_stacks_are_read():
    """Equal stacks are added up; names may hold spaces."""
    assert read_stacks(["a;b c 2", "a;b c 3", "a 1"]) == Counter({("a", "b c"): 5, ("a",): 1})


def test_what_lies_below_a_frame_is_kept():
    """Stacks without it, and those that end in it, are dropped."""
    stacks = Counter({("main", "work", "x"): 2, ("main", "work"): 3, ("other",): 4})
    assert below(stacks, "work") == Counter({("x",): 2})


def test_widths_are_shares():
    """A frame is as wide as its part of all samples, and lies under its caller."""
    svg = draw(Counter({("a", "b"): 3, ("a", "<c>"): 1}), "title & more")
    root = ElementTree.fromstring(svg)
    space = {"s": "http://www.w3.org/2000/svg"}
    frames = {
        group.find("s:title", space).text: group.find("s:rect", space).attrib for group in root.iterfind("s:g", space)
    }
    assert set(frames) == {"a: 100.0 %", "b: 75.0 %", "<c>: 25.0 %"}
    assert float(frames["b: 75.0 %"]["width"]) == 3 * float(frames["<c>: 25.0 %"]["width"])
    assert float(frames["<c>: 25.0 %"]["x"]) == float(frames["b: 75.0 %"]["width"])
    assert float(frames["b: 75.0 %"]["y"]) > float(frames["a: 100.0 %"]["y"])
