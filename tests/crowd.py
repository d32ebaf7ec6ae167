"""Pictures of several persons, made of the faces that come with scikit-image.

Each person is one real photograph, seen again and again: turned a little, moved, larger or smaller, lighter or darker.
That is less than the same person on different days would vary, and enough to tell whether the way from a stored picture
to a named cluster loses or mixes anything; how good recognition is, the evaluation says.
"""

import io
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import numpy as np
from PIL import Image, ImageEnhance

from tests.running import portrait

# The astronaut, and places in scikit-image's 25 x 25 crops of LFW whose vectors lie far apart.
PERSONS = ("astronaut", "63", "31", "61", "64", "99")
LONERS = ("41", "89", "69", "54", "40", "80", "72", "51", "73", "62")
SIDE = 200
_FACE = 150
_ASTRONAUT = (160, 40, 290, 170)


@dataclass(frozen=True)
class Shot:
    """A picture, and who is on it, from left to right."""

    key: str
    content: bytes
    persons: tuple[str, ...]


def crowd(each: int, pairs: int) -> Iterator[Shot]:
    """Make pictures: of each person alone, of two together, of people who are there once, and of nobody."""
    for person in PERSONS:
        for number in range(each):
            yield Shot(f"{person}/{number}.jpg", jpeg(picture(person, number)), (person,))
    for number in range(pairs):
        both = (PERSONS[number % len(PERSONS)], PERSONS[(number + 1) % len(PERSONS)])
        yield Shot(f"pairs/{number}.jpg", jpeg(together(*(picture(one, 1000 + number) for one in both))), both)
    for person in LONERS:
        yield Shot(f"once/{person}.jpg", jpeg(picture(person, 0)), (person,))


def picture(person: str, number: int) -> Image.Image:
    """Show a person once more; the same arguments give the same picture."""
    chance = np.random.default_rng([PERSONS.index(person) if person in PERSONS else 99, number])
    face = _face(person)
    background = tuple(int(value) for value in np.asarray(face).mean((0, 1)))
    turned = face.rotate(chance.uniform(-8, 8), Image.Resampling.BICUBIC, fillcolor=background)
    lit = ImageEnhance.Brightness(turned).enhance(chance.uniform(0.8, 1.2))
    side = int(_FACE * chance.uniform(0.9, 1.1))
    shown = ImageEnhance.Contrast(lit).enhance(chance.uniform(0.85, 1.15)).resize((side, side))
    canvas = Image.new("RGB", (SIDE, SIDE), background)
    canvas.paste(shown, tuple(int(place) for place in chance.integers(0, SIDE - side + 1, 2)))
    return canvas


def nobody(number: int) -> Image.Image:
    """Show a plain colour gradient."""
    ramp = np.linspace(0, 255, SIDE, dtype=np.uint8)
    channels = [np.tile(ramp, (SIDE, 1)), np.tile(ramp[:, None], (1, SIDE)), np.full((SIDE, SIDE), number * 20)]
    return Image.fromarray(np.stack(channels, axis=2).astype(np.uint8))


def together(left: Image.Image, right: Image.Image) -> Image.Image:
    """Put two pictures side by side."""
    canvas = Image.new("RGB", (2 * SIDE, SIDE))
    canvas.paste(left, (0, 0))
    canvas.paste(right, (SIDE, 0))
    return canvas


def jpeg(image: Image.Image) -> bytes:
    """Write a picture as a file."""
    file = io.BytesIO()
    image.save(file, "JPEG", quality=92)
    return file.getvalue()


@cache
def _face(person: str) -> Image.Image:
    if person == "astronaut":
        return Image.open(portrait()).convert("RGB").crop(_ASTRONAUT)
    crops = np.load(portrait().with_name("lfw_subset.npy"))
    small = Image.fromarray((crops[int(person)] * 255).astype(np.uint8))
    return small.resize((256, 256), Image.Resampling.BICUBIC).convert("RGB")
