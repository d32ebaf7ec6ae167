"""Heads that are drawn, of persons who do not exist: for pages of which pictures are kept."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from tests.crowd import jpeg

_SIDE: Final = 480
# Drawn larger and made smaller, for smooth edges.
_DRAWN_SIDE: Final = 960
_UNIT: Final = _DRAWN_SIDE / 100
_GROUND: Final = (150, 168, 182)
Colour = tuple[int, ...]
Shape = tuple[float, float, float, float, Colour]


@dataclass(frozen=True)
class Person:
    """Colours, red, green and blue."""

    hair: Colour
    skin: Colour
    coat: Colour


ANN: Final = Person((58, 42, 34), (224, 180, 152), (62, 88, 120))
BEA: Final = Person((30, 24, 22), (150, 105, 78), (128, 72, 66))


def portrait_of(person: Person, number: int) -> bytes:
    """Draw someone once more, a little larger, turned and lighter, as JPEG of 480 x 480 pixels."""
    picture = Image.new("RGB", (_DRAWN_SIDE, _DRAWN_SIDE), _GROUND)
    for blur, shapes in _layers(person):
        _add(picture, blur, shapes)
    _draw_smile(picture)
    unit = 0.8 + 0.1 * number
    small = picture.resize((round(unit * _DRAWN_SIDE),) * 2, Image.Resampling.LANCZOS)
    whole = Image.new("RGB", (_DRAWN_SIDE, _DRAWN_SIDE), _GROUND)
    whole.paste(small, ((_DRAWN_SIDE - small.width) // 2, _DRAWN_SIDE - small.height))
    turned = whole.rotate(number, Image.Resampling.BICUBIC, fillcolor=_GROUND)
    light = np.asarray(turned.resize((_SIDE, _SIDE), Image.Resampling.LANCZOS)) * (0.97 + 0.05 * number)
    grain = np.random.default_rng(number).normal(0, 2.5, light.shape)
    return jpeg(Image.fromarray((light + grain).clip(0, 255).astype(np.uint8)))


def _layers(person: Person) -> list[tuple[float, list[Shape]]]:
    """Give ellipses from the back to the front: centre, half width and half height in hundredths; and their blur."""
    hair, skin, coat = ((*colour, 255) for colour in (person.hair, person.skin, person.coat))
    shade, shine, red = (150, 95, 70, 75), (255, 225, 205, 80), (225, 120, 105, 70)
    bridge = tuple(int(0.92 * part) for part in person.skin)
    socket, nostril = (150, 100, 78, 110), (110, 65, 50, 230)
    neck = tuple(int(0.82 * part) for part in person.skin)
    eyes: list[tuple[float, list[Shape]]] = []
    for x in (42, 58):
        eyes += [
            (0.15, [(x, 47, 4.2, 1.9, (232, 226, 220, 255))]),
            (0.08, [(x, 47, 1.9, 1.9, (82, 58, 40, 255)), (x, 47, 1, 1, (15, 12, 10, 255))]),
            (0.08, [(x + 0.7, 46.3, 0.5, 0.5, (255, 255, 255, 255))]),
            (0.2, [(x, 45, 4.9, 0.8, (52, 34, 26, 255))]),
            (0.3, [(x, 41.2, 5.6, 1.1, (*person.hair, 235))]),
        ]
    return [
        (0.4, [(50, 104, 42, 26, coat)]),
        (0.6, [(50, 46, 25, 29, hair), (50, 58, 24, 15, hair)]),
        (0.5, [(50, 76, 9, 15, (*neck, 255))]),
        (0.3, [(50, 50, 19, 25, skin), (31, 52, 3, 5, skin), (69, 52, 3, 5, skin)]),
        (3.5, [(60, 52, 9, 20, shade), (42, 50, 9, 16, shine)]),
        (2.0, [(40, 58, 5, 4, red), (60, 58, 5, 4, red), (50, 70, 10, 5, shade)]),
        (1.2, [(42, 46.5, 6, 3.6, socket), (58, 46.5, 6, 3.6, socket)]),
        *eyes,
        (0.8, [(51.2, 53, 1.5, 6, (176, 118, 92, 120))]),
        (0.7, [(50, 58.4, 3.2, 1.8, (*bridge, 255))]),
        (0.2, [(48.2, 59.3, 0.9, 0.6, nostril), (51.8, 59.3, 0.9, 0.6, nostril)]),
        (0.4, [(50, 64.6, 6.6, 1.9, (172, 84, 82, 255))]),
        (0.5, [(50, 30, 20, 10, hair), (40, 34, 12, 6, hair)]),
    ]


def _add(picture: Image.Image, blur: float, shapes: list[Shape]) -> None:
    layer = Image.new("RGBA", picture.size)
    pen = ImageDraw.Draw(layer)
    for x, y, half_width, half_height, colour in shapes:
        edges = (x - half_width, y - half_height, x + half_width, y + half_height)
        pen.ellipse([edge * _UNIT for edge in edges], fill=colour)
    layer = layer.filter(ImageFilter.GaussianBlur(blur * _UNIT))
    picture.paste(layer, (0, 0), layer)


def _draw_smile(picture: Image.Image) -> None:
    edges = [edge * _UNIT for edge in (43.2, 57.5, 56.8, 65.3)]
    ImageDraw.Draw(picture).arc(edges, 25, 155, fill=(112, 48, 50), width=round(0.7 * _UNIT))
