"""Access keys and where they are found."""

import json
import os
import re
import secrets
import stat
import string
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Final, Protocol, Self

from oss_faces.errors import ConfigurationError
from oss_faces.grants import EVERYTHING, NOTHING, Rights
from oss_faces.protocol.claims import Secret
from oss_faces.protocol.credentials import is_access_key_id

ROOT_KEY_FILE: Final = "root-key.json"

ACCESS_KEY_ID_PREFIX: Final = "OSSF"
"""Tells our ids from Alibaba Cloud's `LTAI`, so that no scanner takes them for a leaked cloud key."""

TEMPORARY_ID_PREFIX: Final = "STS."
"""That of the official temporary ids: programs tell them from lasting ones by it."""

_ALPHABET: Final = string.ascii_letters + string.digits
_ID_LENGTH: Final = 24
_SECRET_LENGTH: Final = 30
"""Both as long as the official ones; 30 characters out of 62 are 178 bits."""

_TOKEN_LENGTH: Final = 64
_TOKEN: Final = re.compile(rf"[A-Za-z0-9]{{{_TOKEN_LENGTH}}}", re.ASCII)

_FILE_BYTES_MAX: Final = 4096


def is_token(text: str) -> bool:
    """Tell whether this has the form of our security tokens."""
    return _TOKEN.fullmatch(text) is not None


@dataclass(frozen=True, slots=True)
class AccessKey:
    """A key that can sign requests.

    Attributes:
        token: security token that must come with it (temporary credentials), None for a lasting key.
        expires: aware UTC end of validity, None for a lasting key.
        rights: what it may do; nothing, unless said.
        parent_id: for temporary credentials the lasting key that they were made with; else empty.
        is_enabled: whether it, and the key that it was made with, may sign requests at present.
    """

    access_key_id: str
    secret: Secret
    token: Secret | None = None
    expires: datetime | None = None
    rights: Rights = NOTHING
    parent_id: str = ""
    is_enabled: bool = True


class KeyRing(Protocol):
    """Where access keys are looked up."""

    async def find(self, access_key_id: str) -> AccessKey | None:
        """Return the key with this id, or None when there is none; both take the same time."""


@dataclass(frozen=True, slots=True)
class KeyRings:
    """Several rings as one. All of them are asked each time: nobody learns by the clock which of them has an id."""

    rings: Sequence[KeyRing]

    async def find(self, access_key_id: str) -> AccessKey | None:
        """Return the key that the first ring with this id has."""
        found = [await ring.find(access_key_id) for ring in self.rings]
        return next((key for key in found if key is not None), None)


class MemoryKeyRing:
    """Keys held in memory."""

    def __init__(self, keys: Iterable[AccessKey] = ()) -> None:
        self._keys = {key.access_key_id: key for key in keys}

    async def find(self, access_key_id: str) -> AccessKey | None:
        """Return the key with this id."""
        return self._keys.get(access_key_id)


@dataclass(frozen=True, slots=True)
class RootKeyRing:
    """The one key of the owner of the server."""

    key: AccessKey = field(repr=False)

    async def find(self, access_key_id: str) -> AccessKey | None:
        """Return the root key if it has this id."""
        return self.key if access_key_id == self.key.access_key_id else None

    @classmethod
    def open(cls, folder: Path, access_key_id: str = "", secret: Secret | None = None) -> Self:
        """Take the given key, else the one in the folder, else create one there.

        Raises:
            ConfigurationError: only one half of a key is given, or the key file is readable by others, damaged, or
                cannot be read or written.
        """
        if bool(access_key_id) != (secret is not None):
            raise ConfigurationError("the access key id and its secret must be given together")
        if secret is not None:
            if not is_access_key_id(access_key_id):
                # Not quoted: whoever mixes up the two halves gives the secret here.
                raise ConfigurationError(
                    "the access key id must be 1 to 128 letters, digits, dots, hyphens or underscores"
                )
            return cls(AccessKey(access_key_id, secret, rights=EVERYTHING))
        path = folder / ROOT_KEY_FILE
        try:
            if not path.exists():
                _write_new(path, new_key())
            return cls(_read(path))
        except OSError as exc:
            raise ConfigurationError(f"the key file cannot be used: {path}: {exc.strerror}") from exc


def new_key() -> AccessKey:
    """Make a lasting key with an id and a secret that nobody has guessed. It may do nothing yet."""
    return AccessKey(_new_id(ACCESS_KEY_ID_PREFIX), Secret(_random_text(_SECRET_LENGTH)))


def new_temporary_key(parent_id: str, expires: datetime) -> AccessKey:
    """Make temporary credentials in the same way. They may do nothing yet."""
    secret, token = Secret(_random_text(_SECRET_LENGTH)), Secret(_random_text(_TOKEN_LENGTH))
    return AccessKey(_new_id(TEMPORARY_ID_PREFIX), secret, token, expires, parent_id=parent_id)


def _new_id(prefix: str) -> str:
    return prefix + _random_text(_ID_LENGTH - len(prefix))


def _random_text(length: int) -> str:
    return "".join(secrets.choice(_ALPHABET) for _ in range(length))


def _write_new(path: Path, key: AccessKey) -> None:
    """Write the key so that the file appears whole and readable by its owner only, or not at all.

    Where two servers start at once, the first key to get its name wins and both then read that one.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    content = json.dumps({"access_key_id": key.access_key_id, "access_key_secret": key.secret.reveal()}, indent=1)
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(content + "\n")
            file.flush()
            os.fsync(file.fileno())
        try:
            path.hardlink_to(temporary)
        except FileExistsError:
            return
    finally:
        temporary.unlink()
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _read(path: Path) -> AccessKey:
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
    with os.fdopen(descriptor, "rb") as file:
        status = os.fstat(file.fileno())
        if not stat.S_ISREG(status.st_mode) or status.st_mode & (stat.S_IRWXG | stat.S_IRWXO):
            raise ConfigurationError(f"the key file is open to others or no file; run: chmod 600 {path}")
        content = file.read(_FILE_BYTES_MAX)
    return _parse(content, path)


def _parse(content: bytes, path: Path) -> AccessKey:
    try:
        entry: Any = json.loads(content)
        access_key_id, secret = entry["access_key_id"], entry["access_key_secret"]
    except (ValueError, KeyError, TypeError) as exc:
        raise ConfigurationError(f"the key file is damaged: {path}") from exc
    if not (isinstance(access_key_id, str) and is_access_key_id(access_key_id) and isinstance(secret, str) and secret):
        raise ConfigurationError(f"the key file is damaged: {path}")
    return AccessKey(access_key_id, Secret(secret), rights=EVERYTHING)
