"""Write the ONNX copy of dlib's network as a file: `python -m evaluation.export_recognition --out FILE`."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from oss_faces.inference import DLIB_RECOGNITION, ModelSettings, prepare_dlib_recognition, read_model


def main(arguments: Sequence[str]) -> None:
    """Read the checked file of the installed package, and write what a server makes of it at its start."""
    parser = argparse.ArgumentParser(prog="python -m evaluation.export_recognition", description=__doc__)
    parser.add_argument("--out", type=Path, required=True, help="file to write (.onnx)")
    out: Path = parser.parse_args(arguments).out
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_bytes(prepare_dlib_recognition(read_model(DLIB_RECOGNITION, ModelSettings())))


if __name__ == "__main__":
    main(sys.argv[1:])
