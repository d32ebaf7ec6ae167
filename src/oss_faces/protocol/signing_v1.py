"""Signature V1 of OSS: header form and presigned URL.

    StringToSign = METHOD, Content-MD5, Content-Type, date, canonical OSS headers, canonical resource
    Signature    = base64 HMAC-SHA1

By design it covers neither the ordinary query parameters (`prefix`, `max-keys`, ...) nor the other headers.

Source: OSS "Include signatures in the Authorization header" (V1) and "Add signatures to URLs", the V1 signers of
the official SDKs, and the error pages 0002-00000061 to 0002-00000074.
"""

import base64
import hashlib
import hmac
from collections.abc import Iterator
from typing import Final

from oss_faces.errors import AccessDenied, InvalidArgument
from oss_faces.protocol.claims import Attempt, Claim, Scheme, Secret
from oss_faces.protocol.credentials import check_access_key_id, header_lines, read_token, read_unix_time, signed_headers
from oss_faces.protocol.dates import parse_basic_date, parse_http_date
from oss_faces.protocol.encoding import Query, parse_query, to_bytes
from oss_faces.protocol.settings import SigningSettings
from oss_faces.values import Address, WireRequest

_SUBRESOURCE_NAMES: Final = """
acl append asyncFetch bucketInfo callback callback-var cloudboxes cname comp continuation-token cors delete
encryption endTime img inventory inventoryId lifecycle live location logging metaQuery objectMeta partNumber
policy position qos qosInfo referer regionList replication replicationLocation replicationProgress
requestPayment resourceGroup response-cache-control response-content-disposition response-content-encoding
response-content-language response-content-type response-expires responseHeader restore rtc security-token
sequential startTime stat status style styleName symlink tagging transferAcceleration udf udfApplication
udfApplicationLog udfId udfImage udfImageDesc udfName uploadId uploads versionId versioning versions vod
website withHashContext worm wormExtend wormId x-oss-ac-forward-allow x-oss-ac-source-ip
x-oss-ac-subnet-mask x-oss-ac-vpc-id x-oss-async-process x-oss-enable-md5 x-oss-enable-sha1
x-oss-enable-sha256 x-oss-hash-ctx x-oss-md5-ctx x-oss-process x-oss-request-payer x-oss-traffic-limit
"""

OWN_SELECTOR: Final = "x-oss-faces"
"""Asks about the server itself. No SDK knows it; it must be signed, since it makes another question of a listing."""

SUBRESOURCES: Final = frozenset({*_SUBRESOURCE_NAMES.split(), OWN_SELECTOR})
"""Query parameters that the canonical resource contains. Source: the lists of the Go v1 and PHP SDKs, which agree, but
for the last one."""

PROCESS_PARAMETERS: Final = frozenset({"x-oss-process", "x-oss-async-process"})
"""What `alibabacloud-oss-v2` leaves out of its list."""


# --- reading ------------------------------------------------------------------------------------------------------


def read_header(request: WireRequest, query: Query, credentials: str) -> Claim:
    """Read `<AccessKeyId>:<signature>`."""
    access_key_id, colon, signature_sent = credentials.partition(":")
    if not colon or not access_key_id:
        raise InvalidArgument("The Authorization header is not OSS <AccessKeyId>:<signature>.", ec="0002-00000063")
    if not signature_sent:
        raise InvalidArgument("The Authorization header has no signature.", ec="0002-00000065")
    # The Node SDK sends no Date; its x-oss-date has the text that it signs in the place of Date.
    timestamp = request.header("date") or request.header("x-oss-date") or ""
    signed_at = parse_http_date(timestamp) or parse_basic_date(timestamp)
    if signed_at is None:
        raise AccessDenied("OSS authentication requires a valid Date.", ec="0002-00000503")
    return Claim(
        scheme=Scheme.V1,
        presigned=False,
        access_key_id=check_access_key_id(access_key_id),
        signature=signature_sent,
        token=read_token(request, query, "security-token"),
        timestamp=timestamp,
        signed_at=signed_at,
        expires_at=None,
    )


def read_query(request: WireRequest, query: Query) -> Claim:
    """Read `OSSAccessKeyId`, `Expires`, `Signature` and `security-token` of a presigned URL."""
    access_key_id = _required(query, "OSSAccessKeyId")
    expires = _required(query, "Expires")
    signature_sent = _required(query, "Signature", "0002-00000074")
    return Claim(
        scheme=Scheme.V1,
        presigned=True,
        access_key_id=check_access_key_id(access_key_id),
        signature=signature_sent,
        token=read_token(request, query, "security-token"),
        timestamp=expires,
        signed_at=None,
        expires_at=read_unix_time("Expires", expires),
    )


def _required(query: Query, name: str, ec: str | None = None) -> str:
    value = query.get(name)
    if not value:
        raise AccessDenied(f"The query parameter {name} is missing.", ec=ec, details={"ArgumentName": name})
    return value


# --- checking -----------------------------------------------------------------------------------------------------


def attempts(
    request: WireRequest, claim: Claim, secret: Secret, address: Address, settings: SigningSettings
) -> Iterator[Attempt]:
    """Give the signature over each set of query parameters that some SDK signs."""
    seen: set[bytes] = set()
    for names in _signed_parameters(parse_query(request.query), settings):
        text = string_to_sign(request, address, claim.timestamp, names)
        if text not in seen:
            seen.add(text)
            yield Attempt(b"", text, signature(secret, text))
            if address.bucket and request.path == f"/{address.bucket}":
                bare = _without_slash(text, canonical_resource(request, address, names), address.bucket)
                yield Attempt(b"", bare, signature(secret, bare))


def _without_slash(text: bytes, resource: bytes, bucket: str) -> bytes:
    """Write the text as OpenDAL signs it, which asks for a bucket as `/bucket`, with no slash behind it.

    It can stand for nothing else: every object has a slash behind its bucket.
    """
    return text.removesuffix(resource) + to_bytes(f"/{bucket}") + resource.removeprefix(to_bytes(f"/{bucket}/"))


def _signed_parameters(query: Query, settings: SigningSettings) -> Iterator[frozenset[str]]:
    names = query.names
    listed = names & SUBRESOURCES
    # The Go SDK v2 signs every x-oss- oss2 and Java the listed ones only.
    yield listed | {name for name in names if name.startswith("x-oss-")}
    yield listed
    if settings.v1_lenient_process:
        yield listed - PROCESS_PARAMETERS


def string_to_sign(request: WireRequest, address: Address, timestamp: str, parameters: frozenset[str]) -> bytes:
    """Build the text that is signed, in which the resource is not percent-encoded.

    Args:
        parameters: names of the query parameters that are part of the resource.
    """
    head = (
        request.method,
        request.header("content-md5") or "",
        request.header("content-type") or "",
        timestamp,
        header_lines(signed_headers(request, frozenset())),
    )
    return "\n".join(head).encode("latin-1") + canonical_resource(request, address, parameters)


def canonical_resource(request: WireRequest, address: Address, parameters: frozenset[str]) -> bytes:
    """Write `/bucket/key?a=b&c`: decoded, the parameters sorted, an empty value without `=`."""
    path = f"/{address.bucket}/{address.key}" if address.bucket else "/"
    pairs = sorted(pair for pair in parse_query(request.query).pairs if pair[0] in parameters)
    query = "&".join(f"{name}={value}" if value else name for name, value in pairs)
    return to_bytes(f"{path}?{query}" if query else path)


def signature(secret: Secret, text: bytes) -> str:
    """Sign the text: base64 of an HMAC-SHA1.

    SHA-1 is what the scheme prescribes; as a keyed hash it is not known to be forgeable.
    """
    return base64.b64encode(hmac.new(to_bytes(secret.reveal()), text, hashlib.sha1).digest()).decode()
