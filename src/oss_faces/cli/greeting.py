"""What the server says when it is ready: where it is, and a program that works as it stands."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from types import MappingProxyType
from typing import Final

# The program begins at the margin, so that it runs as it is pasted.
_TEXT: Final = """\
oss-faces {version} is ready.
  endpoint  {endpoint}
  admin     {admin}
  console   {console}
  region    {region}
  root key  {key_place}
{mounts}
Try it (pip install oss2):

{credentials}
bucket = oss2.Bucket(auth, {endpoint!r}, {bucket!r}, region={region!r})
bucket.create_bucket()
bucket.put_object_from_file("photo.jpg", "photo.jpg")
print(bucket.get_object("photo.jpg", process="image/faces").read().decode())

Stop with Ctrl-C.
"""
_BUCKET: Final = "photos"
_OFF: Final = "off"
_FROM_FILE: Final = """\
import json, oss2
key = json.load(open({key_file!r}))
auth = oss2.AuthV4(key["access_key_id"], key["access_key_secret"])"""
_FROM_ENVIRONMENT: Final = """\
import os, oss2
auth = oss2.AuthV4(os.environ["OSS_FACES_ACCESS_KEY_ID"], os.environ["OSS_FACES_ACCESS_KEY_SECRET"])"""


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where a server is, as URLs.

    Attributes:
        admin: of metrics and health; `None` when there is none.
        has_console: whether the console is there, too.
    """

    endpoint: str
    admin: str | None = None
    has_console: bool = True


def greeting(
    version: str,
    addresses: Addresses,
    region: str,
    key_file: Path | None,
    mounts: Mapping[str, str] = MappingProxyType({}),
) -> str:
    """Write the text. It names where the key is kept, never the key.

    Args:
        key_file: file that holds the root key; `None` when the key came from the environment.
        mounts: what to say of each mounted bucket, by its name. The program writes into none of them.
    """
    return _TEXT.format(
        bucket=_free_name(mounts),
        version=version,
        endpoint=addresses.endpoint,
        admin=f"{addresses.admin}/metrics" if addresses.admin else _OFF,
        console=f"{addresses.admin}/console/" if addresses.admin and addresses.has_console else _OFF,
        region=region,
        mounts="".join(f"  mounted   {name} {mount}\n" for name, mount in mounts.items()),
        key_place=key_file.resolve() if key_file else "from the environment",
        credentials=_FROM_FILE.format(key_file=str(key_file.resolve())) if key_file else _FROM_ENVIRONMENT,
    )


def _free_name(taken: Collection[str]) -> str:
    names = (f"{_BUCKET}-{number}" if number > 1 else _BUCKET for number in count(1))
    return next(name for name in names if name not in taken)
