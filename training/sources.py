"""The data sets as one table: every face has the same columns, and what a set does not tell is `nan`."""

import io
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow.parquet as pq
from numpy.typing import NDArray
from PIL import Image as Pillow

from evaluation.attributes_labels import Row
from training.settings import SOURCES

# The 40 attributes of CelebA in the order of its own list; a head that learns them all makes the trunk richer.
CELEBA: Final = (
    "5_o_Clock_Shadow",
    "Arched_Eyebrows",
    "Attractive",
    "Bags_Under_Eyes",
    "Bald",
    "Bangs",
    "Big_Lips",
    "Big_Nose",
    "Black_Hair",
    "Blond_Hair",
    "Blurry",
    "Brown_Hair",
    "Bushy_Eyebrows",
    "Chubby",
    "Double_Chin",
    "Eyeglasses",
    "Goatee",
    "Gray_Hair",
    "Heavy_Makeup",
    "High_Cheekbones",
    "Male",
    "Mouth_Slightly_Open",
    "Mustache",
    "Narrow_Eyes",
    "No_Beard",
    "Oval_Face",
    "Pale_Skin",
    "Pointy_Nose",
    "Receding_Hairline",
    "Rosy_Cheeks",
    "Sideburns",
    "Smiling",
    "Straight_Hair",
    "Wavy_Hair",
    "Wearing_Earrings",
    "Wearing_Hat",
    "Wearing_Lipstick",
    "Wearing_Necklace",
    "Wearing_Necktie",
    "Young",
)

CELEBA_PEOPLE: Final = frozenset(("celeba_wild", "celeba10k"))


def read_rows(data: Path, name: str) -> Iterator[Row]:
    """Go through the rows of a set that are not kept for testing."""
    file: Any = pq.ParquetFile
    for batch in file(data / f"{name}.parquet").iter_batches(256):
        for row in batch.to_pylist():
            if row["split"] != "test" and not is_forbidden(name, row):
                yield row


def is_forbidden(name: str, row: Row) -> bool:
    """Whether a row must not be seen: `val` of celeba10k is a test set here, and two sets share faces."""
    if name == "celeba10k":
        return row["split"] == "val" or bool(row["also_in_celeba_wild"])
    return name == "mask_maskedfacenet" and bool(row["also_in_ffhq"])


def is_held_out(name: str, row: Row) -> bool:
    """Whether a row is kept for calibration: the set's own `val`, or a share of persons by a stable hash."""
    settings = SOURCES[name]
    if row["split"] == "val":
        return True
    # Persons occur in both files of CelebA, so their hash must not depend on the file.
    salt = "celeba" if name in CELEBA_PEOPLE else name
    return zlib.crc32(f"{salt}:{row[settings.group]}".encode()) % 1000 < settings.held_out * 1000


def decode(row: Row) -> NDArray[np.uint8]:
    """Decode the picture of a row: (H, W, 3) uint8 RGB."""
    return np.ascontiguousarray(np.asarray(Pillow.open(io.BytesIO(row["image"])).convert("RGB")))


def celeba_of(name: str, row: Row) -> list[float]:
    """All CelebA attributes of a row as 0 or 1, `nan` for other sets."""
    if name not in CELEBA_PEOPLE:
        return [float("nan")] * len(CELEBA)
    return [float(row[attribute]) for attribute in CELEBA]
