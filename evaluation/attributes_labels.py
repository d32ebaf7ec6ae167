"""What each data set tells about a face, under the same names everywhere; what a set does not tell is absent."""

from collections.abc import Mapping
from typing import Any, Final

from oss_faces.analysis.reading import EMOTIONS

Row = Mapping[str, Any]
Labels = dict[str, float]
LABELS: Final = ("gender", "age", "emotion", "mouth", "beard", "hat", "mask", "glasses", "attractive")
GLASSES_UNKNOWN_KIND: Final = 3.0

# CK+ uses other words, and one (contempt) that this project does not know.
CKPLUS_WORDS: Final = {"anger": "angry", "sadness": "sad"}
FFHQ_GLASSES: Final = {"NoGlasses": 0.0, "ReadingGlasses": 1.0, "Sunglasses": 2.0}
# The service's confidences are trusted at the ends only; between them nothing is learnt.
FFHQ_YES: Final = 0.5
FFHQ_NO: Final = 0.15


def labels_of(name: str, row: Row) -> Labels:
    """Labels of one row, under the names of `LABELS`; absent where the set does not tell."""
    return _READERS[name](row)


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


def _ckplus48(row: Row) -> Labels:
    word = CKPLUS_WORDS.get(row["emotion"], row["emotion"])
    return {"emotion": float(EMOTIONS.index(word))} if word in EMOTIONS else {}


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
    "ckplus48": _ckplus48,
    "mask_chandrikadeb": _mask,
    "mask_prajnasb": _mask,
    "mask_maskedfacenet": _maskedfacenet,
    "mebeauty": _mebeauty,
    "udacity_ytf68": _ytf68,
}
