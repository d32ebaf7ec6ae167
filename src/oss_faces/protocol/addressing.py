"""Which bucket and key a request can mean.

A request names its bucket in the host, in the path, or not at all, and some SDKs contradict themselves. So this
module lists every reading; the signature, which covers the bucket's name, decides between them.

Raw bytes only: `%2F`, `//`, `.` and `..` are ordinary parts of a key and survive.
"""

import ipaddress
import re
from typing import Final

from oss_faces.errors import InvalidArgument, InvalidBucketName, InvalidObjectName
from oss_faces.protocol.encoding import decode
from oss_faces.protocol.settings import AddressingSettings
from oss_faces.values import KEY_BYTES_MAX, Address, WireRequest

_OFFICIAL_ENDPOINT: Final = re.compile(r"[a-z0-9-]+\.aliyuncs\.com")
"""`oss-<region>[-internal].aliyuncs.com` and `<region>.aliyuncs.com`: the Node SDK sends them to any address."""

BUCKET_LENGTH_MAX: Final = 63
"""A longer name is no bucket's, and must not get as far as a log or an answer."""

_ABSOLUTE_FORM: Final = re.compile(r"https?://([^/?#]*)(.*)", re.IGNORECASE | re.DOTALL)


def candidates(request: WireRequest, settings: AddressingSettings) -> tuple[Address, ...]:
    """List every (bucket, key) that the request can mean, the likeliest first; never empty.

    Order: custom domain, bucket before a known base, path, bucket before an unknown name, default bucket. The
    unknown name comes after the path because a server reached by a name it was not told about is likelier than a
    bucket under such a name; with a signature the order has no effect.

    Raises:
        InvalidArgument: the target is no path, or is not percent-encoded correctly.
        InvalidBucketName: no reading gives a bucket.
        InvalidObjectName: the path is not UTF-8, or the key is too long in every reading.
    """
    host, path = _host_and_path(request)
    found = [address for address in _readings(host, path, settings) if address is not None]
    if not found:
        raise InvalidBucketName
    fitting = tuple(address for address in found if len(address.key.encode()) <= KEY_BYTES_MAX)
    if not fitting:
        raise InvalidObjectName(f"The object name is longer than {KEY_BYTES_MAX} bytes.")
    return fitting


def host_without_port(host: str) -> str:
    """Strip the port of a Host value, also behind a bracketed IPv6 address."""
    name, colon, port = host.rpartition(":")
    return name if colon and port.isdecimal() and not name.endswith(":") else host


def _host_and_path(request: WireRequest) -> tuple[str, str]:
    host, target = request.header("host") or "", request.path
    absolute = _ABSOLUTE_FORM.fullmatch(target)
    if absolute:
        # RFC 9112 section 3.2.2: the authority of an absolute target replaces the Host header.
        host, target = absolute.group(1), absolute.group(2) or "/"
    if not target.startswith("/"):
        raise InvalidArgument("The request target is not a path.")
    return host_without_port(host).lower(), target[1:]


def _readings(host: str, path: str, settings: AddressingSettings) -> list[Address | None]:
    path_style = _path_style(path)
    if host in settings.custom_domains:
        return [_object(settings.custom_domains[host], path), path_style]
    if "." not in host or _is_base(host, settings):
        return [path_style, _object(settings.default_bucket, path) if path else None]
    label, _, rest = host.partition(".")
    if not _is_base(rest, settings):
        return [path_style, _object(label, path)]
    # An empty label (`Host: .oss-cn-hangzhou.aliyuncs.com`) is the Node SDK's way to name no bucket.
    return [_object(label, path), path_style]


def _is_base(host: str, settings: AddressingSettings) -> bool:
    """Tell whether this is the server itself, under which a label is a bucket."""
    if host in settings.base_names or host == "localhost" or _OFFICIAL_ENDPOINT.fullmatch(host):
        return True
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _path_style(path: str) -> Address | None:
    if not path:
        return Address()
    bucket, _, key = path.partition("/")
    return _object(_utf8(bucket), key)


def _object(bucket: str, key: str) -> Address | None:
    if not bucket or "/" in bucket or len(bucket) > BUCKET_LENGTH_MAX:
        return None
    return Address(bucket, _utf8(key))


def _utf8(text: str) -> str:
    decoded = decode(text)
    try:
        decoded.encode()
    except UnicodeEncodeError:
        raise InvalidObjectName("The object name is not UTF-8.") from None
    return decoded
