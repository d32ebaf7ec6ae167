"""The data sets as one table: every face has the same columns, and what a set does not tell is `nan`."""

import io
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow.parquet as pq
from numpy.typing import NDArray
from PIL import Image as Pillow

from training.settings import EMOTIONS, SOURCES

Row = Mapping[str, Any]
Labels = dict[str, float]
LABELS: Final = ("gender", "age", "emotion", "mouth", "beard", "hat", "mask", "glasses", "attractive")
GLASSES_UNKNOWN_KIND: Final = 3.0

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

FFHQ_GLASSES: Final = {"NoGlasses": 0.0, "ReadingGlasses": 1.0, "Sunglasses": 2.0}
# The service's confidences are trusted at the ends only; between them nothing is learnt.
FFHQ_YES: Final = 0.5
FFHQ_NO: Final = 0.15
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


def labels_of(name: str, row: Row) -> Labels:
    """Labels of one row, under the names of `LABELS`; absent where the set does not tell."""
    return _READERS[name](row)


def celeba_of(name: str, row: Row) -> list[float]:
    """All CelebA attributes of a row as 0 or 1, `nan` for other sets."""
    if name not in CELEBA_PEOPLE:
        return [float("nan")] * len(CELEBA)
    return [float(row[attribute]) for attribute in CELEBA]


def any_facial_hair(row: Row) -> bool:
    """Whether CelebA's labels tell of facial hair: a beard, light stubble, a goatee or a moustache."""
    return bool(row["No_Beard"] == 0 or row["Goatee"] == 1 or row["Mustache"] == 1)


def _celeba(row: Row) -> Labels:
    kind = row.get("sunglasses", -1)
    glasses = 0.0 if not row["Eyeglasses"] else {1: 2.0, 0: 1.0}.get(kind, GLASSES_UNKNOWN_KIND)
    return {
        "gender": float(row["Male"]),
        "mouth": float(row["Mouth_Slightly_Open"]),
        "beard": float(any_facial_hair(row)),
        "hat": float(row["Wearing_Hat"]),
        "mask": 0.0,
        "glasses": glasses,
    }


def _sided(value: float | None) -> float:
    if value is None or FFHQ_NO < value < FFHQ_YES:
        return float("nan")
    return float(value >= FFHQ_YES)


def _ffhq(row: Row) -> Labels:
    if not row["n_api_faces"]:
        return {"mask": 0.0}
    return {
        "gender": float(row["gender"] == "male"),
        "age": float(row["age"]),
        "glasses": FFHQ_GLASSES[row["glasses"]],
        "hat": _sided(row["headwear"]),
        "beard": _sided(max(row["beard"], row["moustache"])),
        "mask": 0.0,
    }


def _utkface(row: Row) -> Labels:
    return {"gender": float(row["gender"] == "male"), "age": float(row["age"]), "mask": 0.0}


def _fer2013(row: Row) -> Labels:
    return {"emotion": float(EMOTIONS.index(row["emotion"])), "mask": 0.0}


def _mask(row: Row) -> Labels:
    return {"mask": float(row["mask"])}


def _maskedfacenet(row: Row) -> Labels:
    return {"mask": float(row["worn_correctly"])}


def _mebeauty(row: Row) -> Labels:
    return {
        "gender": float(row["gender"] == "male"),
        "attractive": (float(row["score"]) - 1.0) / 9.0,
        "mask": 0.0,
    }


def _ytf68(row: Row) -> Labels:
    del row
    return {"mask": 0.0}


_READERS: Final = {
    "celeba_wild": _celeba,
    "celeba10k": _celeba,
    "ffhq": _ffhq,
    "utkface": _utkface,
    "fer2013": _fer2013,
    "mask_chandrikadeb": _mask,
    "mask_prajnasb": _mask,
    "mask_maskedfacenet": _maskedfacenet,
    "mebeauty": _mebeauty,
    "udacity_ytf68": _ytf68,
}
