"""The grammar of `x-oss-process` and which of its operations are served.

    process = chain *( "|" chain )
    chain   = family *( "/" step )
    step    = name *( "," parameter )

`image/resize,w_800/faces` is one chain of two steps. Source: OSS "Image processing", "Use the x-oss-process
parameter", "Save processed images"; image/faces is listed among the operations of Intelligent Media Management (IMM).
`expressions` is an operation of ours.
"""

import base64
import enum
import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from oss_faces.errors import InvalidArgument, InvalidProcess, NoSuchStyle, NotImplementedOnServer
from oss_faces.protocol.picture_steps import EDITS, Edit, parse_edit

PROCESS_LENGTH_MAX: Final = 4096
"""Characters. The longest part of a real one is a target name of 1,023 bytes in base64."""

CHAINS_MAX: Final = 8
STEPS_MAX: Final = 32

FACES: Final = "faces"
EXPRESSIONS: Final = "expressions"
INFO: Final = "info"

_NAME: Final = re.compile(r"[a-z][a-z0-9-]{0,63}", re.ASCII)
_BASE64_URL: Final = re.compile(r"[A-Za-z0-9_-]+={0,2}", re.ASCII)

_CLASSIC_STEPS: Final = frozenset(
    {"average-hue", "blur", "bright", "circle", "contrast", "indexcrop", "rounded-corners", "sharpen", "watermark"}
)
"""Image operations of OSS itself that are not served."""

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


class Outcome(enum.Enum):
    """What a chain of image operations ends in."""

    PICTURE = enum.auto()
    INFO = enum.auto()
    FACES = enum.auto()
    EXPRESSIONS = enum.auto()


_ENDS: Final[Mapping[str, Outcome]] = MappingProxyType(
    {FACES: Outcome.FACES, EXPRESSIONS: Outcome.EXPRESSIONS, INFO: Outcome.INFO}
)
"""Operations that end a chain."""


@dataclass(frozen=True, slots=True)
class PictureProcess:
    """What is wanted of a stored picture: its edits in the order written, and what then comes out."""

    outcome: Outcome
    edits: tuple[Edit, ...] = ()


@dataclass(frozen=True, slots=True)
class SaveTarget:
    """Where `sys/saveas` puts a result; an empty bucket is that of the source."""

    key: str
    bucket: str = ""


def resolve_process(text: str) -> PictureProcess:
    """Read the process string of a GetObject, which answers with its result.

    Raises:
        NoSuchStyle: `style/<name>`.
        InvalidArgument: an unknown operation, or one that ends a chain with parameters or anything behind it.
        InvalidProcess: a parameter of an operation.
        NotImplementedOnServer: an operation of OSS that is not served.
    """
    first, *rest = parse_process(text)
    process = _picture_process(first)
    if rest:
        raise InvalidArgument("A result is saved by POST, and nothing else can follow a pipe.")
    return process


def resolve_saving(text: str) -> tuple[PictureProcess, SaveTarget]:
    """Read the process string of a ProcessObject: edits, then `sys/saveas`. Errors as `resolve_process`."""
    chains = parse_process(text)
    process = _picture_process(chains[0])
    if process.outcome is not Outcome.PICTURE:
        raise InvalidArgument("Only a picture can be saved.")
    if len(chains) != 2 or chains[1].family != "sys" or [step.name for step in chains[1].steps] != ["saveas"]:
        raise InvalidArgument("The process string must end in one sys/saveas.")
    return process, _target(chains[1].steps[0])


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


def _picture_process(chain: ProcessChain) -> PictureProcess:
    """Look up a chain that must be about a picture."""
    if chain.family == "style":
        raise NoSuchStyle
    if chain.family in _OTHER_FAMILIES:
        raise NotImplementedOnServer(f"The process family {chain.family} is not supported.")
    if chain.family != "image":
        raise InvalidArgument("The process string names an unknown family.")
    names = [step.name for step in chain.steps]
    if not (EDITS | _CLASSIC_STEPS | _MEDIA_STEPS | _ENDS.keys()).issuperset(names):
        raise InvalidArgument("The process string has an unknown operation.")
    outcome = _outcome(chain.steps)
    edited = chain.steps if outcome is Outcome.PICTURE else chain.steps[:-1]
    for step in edited:
        if step.name not in EDITS:
            raise NotImplementedOnServer(f"The image operation {step.name} is not supported.")
    return PictureProcess(outcome, tuple(parse_edit(step.name, step.parameters) for step in edited))


def _outcome(steps: tuple[ProcessStep, ...]) -> Outcome:
    """Find what a chain ends in: an analysis is its last step, `info` its only one, and none of them has parameters."""
    names = [step.name for step in steps]
    for name in _ENDS:
        if name not in names:
            continue
        place = names.index(name)
        if steps[place].parameters:
            raise InvalidArgument(f"The operation {name} takes no parameters.")
        if place != len(names) - 1:
            raise InvalidArgument(f"The operation {name} must be the last one.")
    if INFO in names and len(names) > 1:
        raise InvalidArgument("The operation info describes the stored picture and stands alone.")
    return _ENDS.get(names[-1], Outcome.PICTURE)


def _target(step: ProcessStep) -> SaveTarget:
    """Read `saveas,o_<key>,b_<bucket>`, both names in URL-safe base64, padded or not."""
    given: dict[str, str] = {}
    for parameter in step.parameters:
        letter, separator, value = parameter.partition("_")
        if not separator or letter not in ("o", "b") or letter in given:
            raise InvalidProcess("The operation saveas takes o_<key> and b_<bucket>, each once.")
        given[letter] = _from_base64(value)
    if "o" not in given:
        raise InvalidProcess("The operation saveas needs o_<key>.")
    return SaveTarget(given["o"], given.get("b", ""))


def _from_base64(text: str) -> str:
    if not _BASE64_URL.fullmatch(text):
        raise InvalidProcess("The names of saveas must be in URL-safe base64.")
    bare = text.rstrip("=")
    try:
        return base64.urlsafe_b64decode(bare + "=" * (-len(bare) % 4)).decode()
    except ValueError as exc:
        raise InvalidProcess("The names of saveas must be in URL-safe base64.") from exc
