"""The table of everything that is fuzzed."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Final

from fuzzing import parser_targets, picture_targets, service_target
from fuzzing.target import Target

TARGETS: Final[Mapping[str, Callable[[], Target]]] = {
    "signatures": parser_targets.signatures,
    "imm_signatures": parser_targets.imm_signatures,
    "process": parser_targets.process,
    "operations": parser_targets.operations,
    "imm_parameters": parser_targets.imm_parameters,
    "settings": parser_targets.settings,
    "exif": parser_targets.exif,
    "service": service_target.service,
    "edits": picture_targets.edits,
    **{name: partial(picture_targets.picture, name) for name in picture_targets.FORMATS},
}
