"""A mixture of requests as a busy bucket gets them: stored, read, listed, deleted, looked at, refused."""

import io
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from PIL import Image

from benchmarks.client import Plan
from benchmarks.pictures import distinct, portrait_jpeg
from benchmarks.running import Call, Server, ask_faces
from oss_faces.values import ImageSize

POOL: Final = 64
"""Pictures that are there all the time, though their content changes."""
PASSING: Final = 256
"""Names of objects that come and go."""
SMALL: Final = ImageSize(320, 240)
RESIZE: Final = "image/resize,w_100"
_SIGNATURE: Final = re.compile(rb"(Signature=)([0-9a-f])")


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of request.

    Attributes:
        weight: how many of a hundred requests are of it.
        statuses: what it may be answered.
        make: makes one, given a generator of chance.
    """

    weight: int
    statuses: frozenset[int]
    make: Callable[[np.random.Generator], Call]


@dataclass(frozen=True, slots=True)
class Mixture:
    """Some requests and what each is.

    Attributes:
        plan: the requests.
        kinds: name of the kind of each, see `kinds`.
    """

    plan: Plan
    kinds: tuple[str, ...]


def kinds() -> dict[str, Kind]:
    """Say what the mixture is made of, in percent. An object that was deleted is missing until it is put again."""
    portrait = portrait_jpeg(SMALL)
    ok, maybe = frozenset({200}), frozenset({200, 404})

    def put(generator: np.random.Generator) -> Call:
        name, content = _passing(generator), distinct(portrait, int(generator.integers(1 << 40)))
        return lambda bucket: bucket.put_object(name, content)

    def renew(generator: np.random.Generator) -> Call:
        name, content = _pooled(generator), distinct(portrait, int(generator.integers(1 << 40)))
        return lambda bucket: bucket.put_object(name, content)

    return {
        "put": Kind(14, ok, put),
        "renew": Kind(6, ok, renew),
        "get": Kind(20, maybe, lambda chance: _on(_passing(chance), "get_object")),
        "head": Kind(14, maybe, lambda chance: _on(_passing(chance), "head_object")),
        "list": Kind(8, ok, lambda _: lambda bucket: bucket.list_objects_v2(prefix="passing/", max_keys=100)),
        "delete": Kind(8, frozenset({204}), lambda chance: _on(_passing(chance), "delete_object")),
        "faces": Kind(12, ok, lambda chance: ask_faces(_pooled(chance))),
        "resize": Kind(5, ok, lambda chance: _process(_pooled(chance), RESIZE)),
        "odd": Kind(5, frozenset({400}), lambda chance: ask_faces(_odd_name(int(chance.integers(len(odd_files())))))),
        "missing": Kind(3, frozenset({404}), lambda _: ask_faces("nobody.jpg")),
        "forged": Kind(5, frozenset({403}), lambda chance: ask_faces(_pooled(chance))),
    }


def store_pool(server: Server) -> None:
    """Store what must be there before the first request."""
    portrait = portrait_jpeg(SMALL)
    for number in range(POOL):
        server.bucket.put_object(f"pool/{number}.jpg", distinct(portrait, number))
    for number, content in enumerate(odd_files()):
        server.bucket.put_object(_odd_name(number), content)


def mix(server: Server, count: int, seed: int) -> Mixture:
    """Draw requests and sign them; forged ones get another signature afterwards."""
    generator, known = np.random.default_rng(seed), kinds()
    weights = np.array([kind.weight for kind in known.values()], np.float64)
    drawn = generator.choice(len(known), count, p=weights / weights.sum())
    names = [list(known)[place] for place in drawn]
    plan = server.plan([known[name].make(generator) for name in names])
    wires = [forge(wire) if name == "forged" else wire for name, wire in zip(names, plan.wires, strict=True)]
    return Mixture(Plan(plan.host, plan.port, tuple(wires)), tuple(names))


def forge(wire: bytes) -> bytes:
    """Change the first digit of the signature."""
    forged, count = _SIGNATURE.subn(lambda found: found[1] + (b"1" if found[2] == b"0" else b"0"), wire, count=1)
    assert count == 1, "the request bears a signature"
    return forged


def odd_files() -> Sequence[bytes]:
    """Files that are no pictures, or not whole ones."""
    portrait = portrait_jpeg(SMALL)
    target = io.BytesIO()
    Image.new("RGB", (64, 64)).save(target, "PNG")
    png = target.getvalue()
    return (
        b"not a picture",
        portrait[:200],
        png[:40],
        b"GIF89a" + bytes(7),
        b"RIFF\x04\x00\x00\x00WEBP",
        b"\x00" * 4096,
    )


def _on(name: str, operation: str) -> Call:
    return lambda bucket: getattr(bucket, operation)(name)


def _process(name: str, process: str) -> Call:
    return lambda bucket: bucket.get_object(name, process=process)


def _passing(generator: np.random.Generator) -> str:
    return f"passing/{generator.integers(PASSING)}.jpg"


def _pooled(generator: np.random.Generator) -> str:
    return f"pool/{generator.integers(POOL)}.jpg"


def _odd_name(number: int) -> str:
    return f"odd/{number}"
