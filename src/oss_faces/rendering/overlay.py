"""Boxes and readable labels on a copy of the picture, for people who want to see what was found."""

from pathlib import Path
from typing import Final

from PIL import Image as PillowImage
from PIL import ImageDraw, ImageFont

from oss_faces.values import Face, FaceResult, Image

_COLOURS: Final = ("#00e5ff", "#ffd600", "#ff4081", "#76ff03", "#ff9100", "#e040fb")
_LABEL_BACKGROUND: Final = (0, 0, 0, 170)


def draw_faces(image: Image, result: FaceResult) -> PillowImage.Image:
    """Draw every face on a copy of `image.pixels`.

    Args:
        image: the upright picture, possibly reduced; boxes are scaled to its pixels.
        result: what the pipeline found in it.
    """
    canvas = PillowImage.fromarray(image.pixels).copy()
    draw = ImageDraw.Draw(canvas, "RGBA")
    shorter = min(canvas.size)
    line_width = max(2, round(shorter / 300))
    font = ImageFont.load_default(size=max(11, round(shorter / 45)))
    for number, face in enumerate(result.faces):
        colour = _COLOURS[number % len(_COLOURS)]
        _draw_face(draw, face, image.scale, (colour, line_width, font), canvas.size)
    return canvas


def can_write(file: Path) -> bool:
    """Tell whether the ending of a file name stands for a format in which a drawing can be saved."""
    return PillowImage.registered_extensions().get(file.suffix.lower()) in PillowImage.SAVE


def describe(face: Face) -> str:
    """Say in a few words what was measured, one line each for who, looks and expression."""
    who = [face.gender.value] if face.gender else []
    if face.age:
        who.append(f"{face.age.years:.0f}±{face.age.sd:.0f}")
    worn = [label.value for label in (face.glasses, face.hat, face.mask, face.beard) if label and label.value != "none"]
    mood = [face.emotion.value] if face.emotion else []
    if face.mouth:
        mood.append(f"mouth {face.mouth.value}")
    lines = [" ".join(who), " ".join(worn), ", ".join(mood)]
    return "\n".join(line for line in lines if line) or f"face {face.score:.2f}"


def _draw_face(
    draw: ImageDraw.ImageDraw,
    face: Face,
    scale: tuple[float, float],
    style: tuple[str, int, ImageFont.FreeTypeFont | ImageFont.ImageFont],
    canvas_size: tuple[int, int],
) -> None:
    colour, line_width, font = style
    left, right = face.box.left * scale[0], face.box.right * scale[0]
    top, bottom = face.box.top * scale[1], face.box.bottom * scale[1]
    draw.rectangle((left, top, max(right, left + 1), max(bottom, top + 1)), outline=colour, width=line_width)
    for x, y in face.landmarks:
        cx, cy = float(x) * scale[0], float(y) * scale[1]
        draw.ellipse((cx - line_width, cy - line_width, cx + line_width, cy + line_width), fill=colour)
    text = describe(face)
    x0, y0, x1, y1 = draw.multiline_textbbox((0, 0), text, font=font)
    width, height = x1 - x0 + 2 * line_width, y1 - y0 + 2 * line_width
    x = min(max(left, 0), max(canvas_size[0] - width, 0))
    y = bottom if bottom + height <= canvas_size[1] else max(top - height, 0)
    draw.rectangle((x, y, x + width, y + height), fill=_LABEL_BACKGROUND)
    draw.multiline_text((x + line_width - x0, y + line_width - y0), text, font=font, fill=colour)
