"""The grammar of `x-oss-process` and which of its operations are served.

    process = chain *( "|" chain )
    chain   = family *( "/" step )
    step    = name *( "," parameter )

`image/resize,w_800/faces` is one chain of two steps. Source: OSS "Image processing", "Use the x-oss-process
parameter"; image/faces is listed among the operations of Intelligent Media Management (IMM).
"""

import re
from dataclasses import dataclass
from typing import Final

from oss_faces.errors import InvalidArgument, NoSuchStyle, NotImplementedOnServer

PROCESS_LENGTH_MAX: Final = 4096
"""Characters. The longest part of a real one is a target name of 1,023 bytes in base64."""

CHAINS_MAX: Final = 8
STEPS_MAX: Final = 32

FACES: Final = "faces"

_NAME: Final = re.compile(r"[a-z][a-z0-9-]{0,63}", re.ASCII)

_CLASSIC_STEPS: Final = frozenset(
    {
        "auto-orient",
        "average-hue",
        "blur",
        "bright",
        "circle",
        "contrast",
        "crop",
        "format",
        "indexcrop",
        "info",
        "interlace",
        "quality",
        "resize",
        "rotate",
        "rounded-corners",
        "sharpen",
        "watermark",
    }
)
"""Image operations of OSS itself. Later work serves some of them and removes them from here."""

_MEDIA_STEPS: Final = frozenset(
    {"bodies", "blindwatermark", "cars", "codes", "cropping", "deblindwatermark", "labels", "score"}
)
"""Image operations of IMM other than `faces`."""

_OTHER_FAMILIES: Final = frozenset({"audio", "csv", "doc", "hls", "imm", "json", "sys", "text", "video"})
"""Families of OSS that do not concern pictures."""


@dataclass(frozen=True, slots=True)
class ProcessStep:
    """One operation with its parameters as written, for instance `resize` with `("w_800",)`."""

    name: str
    parameters: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ProcessChain:
    """Operations of one family, carried out in this order."""

    family: str
    steps: tuple[ProcessStep, ...]


def parse_process(text: str) -> tuple[ProcessChain, ...]:
    """Split a decoded process string into its chains; nothing is looked up.

    Raises:
        InvalidArgument: empty, too long, or not of the grammar.
    """
    if len(text) > PROCESS_LENGTH_MAX:
        raise InvalidArgument("The process string is too long.")
    chains = text.split("|")
    if len(chains) > CHAINS_MAX:
        raise InvalidArgument("The process string has too many pipes.")
    return tuple(_chain(chain) for chain in chains)


def resolve_process(text: str) -> ProcessChain:
    """Return the chain if this server carries it out; for now that is `image/faces` alone.

    Raises:
        NoSuchStyle: `style/<name>`.
        InvalidArgument: an unknown operation, `faces` with parameters, or anything behind `faces`.
        NotImplementedOnServer: an operation of OSS that is not served.
    """
    first, *rest = parse_process(text)
    if first.family == "style":
        raise NoSuchStyle
    if first.family in _OTHER_FAMILIES:
        raise NotImplementedOnServer(f"The process family {first.family} is not supported.")
    if first.family != "image":
        raise InvalidArgument("The process string names an unknown family.")
    _check_steps(first, is_last=not rest)
    return first


def _chain(text: str) -> ProcessChain:
    family, *steps = text.split("/")
    if family == "style":
        # The rest is the name of a style, which has rules of its own.
        return ProcessChain(family, (ProcessStep("/".join(steps)),))
    if not _NAME.fullmatch(family):
        raise InvalidArgument("The process string does not begin with the name of a family.")
    if not steps or len(steps) > STEPS_MAX:
        raise InvalidArgument("The process string has no operation, or too many.")
    return ProcessChain(family, tuple(_step(step) for step in steps))


def _step(text: str) -> ProcessStep:
    name, *parameters = text.split(",")
    if not _NAME.fullmatch(name):
        raise InvalidArgument("The process string has an operation without a name.")
    return ProcessStep(name, tuple(parameters))


def _check_steps(chain: ProcessChain, *, is_last: bool) -> None:
    names = [step.name for step in chain.steps]
    if not _CLASSIC_STEPS.union(_MEDIA_STEPS, {FACES}).issuperset(names):
        raise InvalidArgument("The process string has an unknown operation.")
    if FACES in names:
        _check_faces(chain, is_last=is_last)
    if names != [FACES]:
        raise NotImplementedOnServer("Of the image operations only image/faces is supported.")


def _check_faces(chain: ProcessChain, *, is_last: bool) -> None:
    place = [step.name for step in chain.steps].index(FACES)
    if chain.steps[place].parameters:
        raise InvalidArgument("The operation faces takes no parameters.")
    if place != len(chain.steps) - 1 or not is_last:
        raise InvalidArgument("The operation faces must be the last one.")
