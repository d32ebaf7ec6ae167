"""The committed ranges of the detector's tensors, measured by `python -m training.detector_ranges`."""

import json
from importlib.resources import files
from typing import Final

from oss_faces.errors import ModelUnavailable
from oss_faces.inference.preparation import Ranges

_FILE: Final = "models/centerface_ranges.json"


def centerface_ranges(sha256: str) -> Ranges:
    """Return the range of each tensor that becomes bytes.

    Args:
        sha256: of the network's file, lower-case hex; ranges of another one would be worth nothing.

    Raises:
        ModelUnavailable: the file is missing, damaged, or of another network.
    """
    file = files("oss_faces").joinpath(_FILE)
    try:
        card = json.loads(file.read_bytes())
        ranges = {str(name): (float(low), float(high)) for name, (low, high) in card["ranges"].items()}
        network = card["network"]
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as exc:
        raise ModelUnavailable(f"The file {_FILE} of this package cannot be read: {exc}") from exc
    if network != sha256:
        raise ModelUnavailable(f"The file {_FILE} of this package is of another network: sha256 {network}.")
    return ranges
