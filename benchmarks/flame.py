"""A flame graph, as SVG, of stacks that a sampler folded into lines: `python -m benchmarks.flame STACKS --out FILE`.

A line holds names joined by `;`, from the outside in, a space and a count. Samplers that look from outside write such
lines, py-spy for one; a thread of the same process would see a function only when it gives up the interpreter lock.
"""

import argparse
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Self
from xml.sax.saxutils import escape

Stacks = Counter[tuple[str, ...]]

WIDTH, ROW = 1200, 17
SHARE_MIN: Final = 0.002
"""Frames narrower than this share of the whole are left out."""
CHARACTER: Final = 6.3
_COLOURS: Final = ("#f4a259", "#f6bd60", "#e98a5b", "#f2cc8f", "#e07a5f")


def main() -> None:
    """Read stacks, and draw them."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.flame", description=__doc__)
    parser.add_argument("stacks", type=Path)
    parser.add_argument("--out", type=Path, required=True, help="the SVG")
    parser.add_argument("--title", default="image/faces, 2 MP, one face, one thread")
    parser.add_argument("--below", default="", help="of each stack only what lies below the first frame with this name")
    options = parser.parse_args()
    stacks = read_stacks(options.stacks.read_text(encoding="utf-8").splitlines())
    if options.below:
        stacks = below(stacks, options.below)
    options.out.write_text(draw(stacks, options.title), encoding="utf-8")


def read_stacks(lines: Iterable[str]) -> Stacks:
    """Read stacks that were folded into lines."""
    stacks: Stacks = Counter()
    for line in lines:
        names, _, count = line.rpartition(" ")
        stacks[tuple(names.split(";"))] += int(count)
    return stacks


def below(stacks: Stacks, name: str) -> Stacks:
    """Keep of each stack what lies below the first frame whose name holds this; drop stacks without one."""
    kept: Stacks = Counter()
    for stack, count in stacks.items():
        places = [place for place, frame in enumerate(stack) if name in frame]
        if places and stack[places[0] + 1 :]:
            kept[stack[places[0] + 1 :]] += count
    return kept


@dataclass
class Frame:
    """A function in the tree of calls, with the samples in it and below it."""

    count: int = 0
    below: dict[str, "Frame"] = field(default_factory=dict)

    @classmethod
    def of(cls, stacks: Mapping[tuple[str, ...], int]) -> Self:
        """Grow the tree of some stacks."""
        root = cls()
        for stack, count in stacks.items():
            here: Frame = root
            here.count += count
            for name in stack:
                here = here.below.setdefault(name, Frame())
                here.count += count
        return root


def draw(stacks: Stacks, title: str) -> str:
    """Draw the stacks from the top down, the widest first; each frame tells its share when pointed at."""
    root = Frame.of(stacks)
    assert root.count, "there is something to draw"
    shapes: list[str] = []
    depth = _draw(root, (0.0, 0), root.count, shapes)
    height = ROW * (depth + 2)
    heading = f'<text x="4" y="13">{escape(title)}: {root.count} samples</text>'
    style = "text{font:11px monospace;fill:#222}rect{stroke:#fff;stroke-width:.5}"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}">'
        f"<style>{style}</style>\n{heading}\n" + "\n".join(shapes) + "\n</svg>\n"
    )


def _draw(frame: Frame, place: tuple[float, int], whole: int, shapes: list[str]) -> int:
    """Draw what is below a frame from this place on (x in pixels, row): the deepest row."""
    left, row = place
    deepest = row
    for name, child in sorted(frame.below.items(), key=lambda item: -item[1].count):
        width = WIDTH * child.count / whole
        if child.count < SHARE_MIN * whole:
            continue
        share = f"{100 * child.count / whole:.1f} %"
        top = ROW * (row + 1) + 3
        shown = name[: int(width / CHARACTER)] if width > 4 * CHARACTER else ""
        shapes.append(
            f'<g><title>{escape(name)}: {share}</title><rect x="{left:.1f}" y="{top}" width="{width:.1f}" '
            f'height="{ROW - 1}" fill="{_COLOURS[row % len(_COLOURS)]}"/>'
            f'<text x="{left + 2:.1f}" y="{top + 12}">{escape(shown)}</text></g>'
        )
        deepest = max(deepest, _draw(child, (left, row + 1), whole, shapes))
        left += width
    return max(deepest, row)


if __name__ == "__main__":
    main()
