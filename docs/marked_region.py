"""Keep the marked part of a page of the manual equal to what the code says."""

import sys
from pathlib import Path
from typing import Final

_BEGIN: Final = "<!-- generated: begin -->\n"
_END: Final = "<!-- generated: end -->\n"


def keep(page: Path, text: str) -> None:
    """Write `text` between the marks of `page`; with `--check` end with status 1 when it does not stand there.

    Args:
        page: a page with one pair of marks.
        text: Markdown that ends with a line break.
    """
    head, begin, rest = page.read_text(encoding="utf-8").partition(_BEGIN)
    present, end, tail = rest.partition(_END)
    assert begin, f"{page} has no mark where the generated part begins"
    assert end, f"{page} has no mark where the generated part ends"
    if "--check" not in sys.argv[1:]:
        page.write_text(f"{head}{begin}{text}{end}{tail}", encoding="utf-8")
    elif present != text:
        sys.exit(f"{page} is stale; run: python {sys.argv[0]}")
