"""The packs of an installation: a folder each, with the network, what is known of it, and the accepted licence.

packs/mobile@1/pack.toml          as it was brought
packs/mobile@1/model.onnx         checked by hash when it came, and at every start
packs/mobile@1/accepted.json      which licence was accepted for which file, and when
packs/mobile@1/calibration.json   measured here, if it was
"""

import hashlib
import json
import os
import shutil
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from oss_faces.errors import ConfigurationError, ModelUnavailable
from oss_faces.inference import FetchLimits, fetch, require_digest
from oss_faces.recognition.calibration import Calibration
from oss_faces.recognition.packs import PackSpec, parse_pack, with_calibration

_SPEC: Final = "pack.toml"
_MODEL: Final = "model.onnx"
_ACCEPTED: Final = "accepted.json"
_CALIBRATION: Final = "calibration.json"
_SPEC_BYTES_MAX: Final = 1 << 20
_NEW: Final = ".new-"


@dataclass(frozen=True, slots=True)
class PackLibrary:
    """The packs in a folder.

    Attributes:
        folder: of all packs; made when the first is added.
        now: aware UTC.
        limits: of a fetch.
        clock: monotonic seconds.
    """

    folder: Path
    now: Callable[[], datetime]
    limits: FetchLimits = field(default_factory=FetchLimits)
    clock: Callable[[], float] = time.monotonic

    def names(self) -> list[str]:
        """Return `name@version` of every pack, sorted."""
        return sorted(path.parent.name for path in self.folder.glob(f"[!.]*/{_SPEC}"))

    def read(self, source: Path) -> PackSpec:
        """Read the TOML file that a user brings.

        Raises:
            ConfigurationError: it cannot be read, or says what cannot be.
        """
        try:
            with source.open("rb") as file:
                content = file.read(_SPEC_BYTES_MAX + 1)
        except OSError as exc:
            raise ConfigurationError(f"cannot read {source}: {exc.strerror}") from exc
        if len(content) > _SPEC_BYTES_MAX:
            raise ConfigurationError(f"{source} has more than {_SPEC_BYTES_MAX} bytes")
        try:
            return parse_pack(content)
        except ConfigurationError as exc:
            raise ConfigurationError(f"{source}: {exc.message}") from exc

    def add(self, source: Path, accepted: PackSpec, check: Callable[[bytes, PackSpec], None]) -> None:
        """Take a network in, whole or not at all.

        Args:
            source: the TOML file.
            accepted: what it said when its licence was accepted.
            check: tries the network; raises when it cannot be used.

        Raises:
            ConfigurationError: the file says something else by now, or there is such a pack already.
            ModelUnavailable: the network cannot be had, is another one, or cannot be used.
        """
        spec = self.read(source)
        if spec != accepted:
            raise ConfigurationError(f"{source} was changed after its licence was accepted")
        place = self.folder / spec.name_version
        if place.exists():
            raise ConfigurationError(f"there is a pack {spec.name_version} already; another network is another version")
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=_NEW, dir=self.folder, ignore_cleanup_errors=True) as scratch:
            new = Path(scratch) / spec.name_version
            new.mkdir(mode=0o700)
            self._bring(spec, source.parent, new / _MODEL)
            check((new / _MODEL).read_bytes(), spec)
            shutil.copyfile(source, new / _SPEC)
            _write(new / _ACCEPTED, {**_terms(spec), "accepted": self.now().isoformat(), "licence": spec.licence})
            new.rename(place)

    def open(self, name_version: str) -> tuple[bytes, PackSpec]:
        """Return the checked network of a pack and what is known of it.

        Raises:
            ConfigurationError: there is no such pack, or its licence was not accepted as it stands.
            ModelUnavailable: the network is not the one that was added.
        """
        place = self._place(name_version)
        spec = self.read(place / _SPEC)
        accepted = _read(place / _ACCEPTED)
        if {key: accepted.get(key) for key in _terms(spec)} != _terms(spec):
            raise ConfigurationError(
                f"the licence of the pack {name_version} was not accepted as it stands; add it again"
            )
        content = _content(place / _MODEL)
        require_digest(hashlib.sha256(content).hexdigest(), spec.sha256, f"The network of the pack {name_version}")
        return content, with_calibration(spec, self._measured(place, spec))

    def keep_calibration(self, name_version: str, calibration: Calibration) -> None:
        """Keep what was measured; it belongs to the space as it is now.

        Raises:
            ConfigurationError: there is no such pack, or nobody can have measured this.
        """
        calibration.validate()
        place = self._place(name_version)
        kept = {
            "space": self.read(place / _SPEC).space,
            "strangers": calibration.strangers,
            "measured": self.now().isoformat(),
        }
        _write(place / _CALIBRATION, kept)

    def remove(self, name_version: str) -> None:
        """Delete a pack with everything that is known of it.

        Raises:
            ConfigurationError: there is no such pack, or its files cannot be deleted.
        """
        place = self._place(name_version)
        try:
            shutil.rmtree(place)
        except OSError as exc:
            raise ConfigurationError(f"cannot delete {place}: {exc.strerror or exc}") from exc

    def _bring(self, spec: PackSpec, beside: Path, file: Path) -> None:
        if spec.url:
            fetch(spec.url, file, spec.sha256, self.limits, self.clock)
            return
        content = _content(beside / spec.file)
        require_digest(hashlib.sha256(content).hexdigest(), spec.sha256, str(beside / spec.file))
        file.write_bytes(content)

    def _measured(self, place: Path, spec: PackSpec) -> Calibration | None:
        kept = _read(place / _CALIBRATION)
        if kept.get("space") != spec.space:
            return None
        return Calibration(tuple((float(rate), float(distance)) for rate, distance in kept["strangers"]))

    def _place(self, name_version: str) -> Path:
        if name_version not in self.names():
            known = ", ".join(self.names()) or "none"
            raise ConfigurationError(f"there is no pack {name_version!r} in {self.folder}; known: {known}")
        return self.folder / name_version


def _terms(spec: PackSpec) -> dict[str, str]:
    """Say what was accepted: these words, for this file."""
    return {"licence_sha256": hashlib.sha256(spec.licence.encode()).hexdigest(), "sha256": spec.sha256}


def _content(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as exc:
        raise ModelUnavailable(f"cannot read {file}: {exc.strerror}") from exc


def _read(file: Path) -> dict[str, Any]:
    try:
        kept = json.loads(file.read_bytes())
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as exc:
        raise ConfigurationError(f"cannot read {file}") from exc
    return kept if isinstance(kept, dict) else {}


def _write(file: Path, value: dict[str, Any]) -> None:
    unfinished = file.with_suffix(".new")
    with unfinished.open("w", encoding="utf-8") as out:
        json.dump(value, out, indent=1)
        out.flush()
        os.fsync(out.fileno())
    unfinished.replace(file)
