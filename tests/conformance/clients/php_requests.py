"""Driver that writes requests byte for byte as the official PHP SDK does, for machines without PHP.

Their form is that of the captured requests; `test_php_requests.py` compares the two. The signature is computed by the
official Python SDK's signer, over the headers that PHP sends.
"""

import socket
from datetime import UTC, datetime
from email.utils import format_datetime
from http.client import HTTPResponse
from urllib.parse import quote, urlsplit
from xml.etree import ElementTree as ET

from alibabacloud_oss_v2.credentials import Credentials
from alibabacloud_oss_v2.signer import SignerV4
from alibabacloud_oss_v2.types import HttpRequest, SigningContext

from tests.conformance.clients.lines import Answer, Request, class_name, serve, text

ANSWER_S = 60


class Refused(Exception):  # noqa: N818  what there is without an SDK
    """An answer that is no success."""

    def __init__(self, status: int, document: bytes) -> None:
        super().__init__(status)
        root = ET.fromstring(document)  # noqa: S314  our own server's answer
        self.status = status
        self.code, self.request_id, self.message = (root.findtext(name) for name in ("Code", "RequestId", "Message"))


def get_request(request: Request, now: datetime) -> bytes:
    """Write a GET as the SDK does with signature V4."""
    connect = request["connect"]
    query = f"?x-oss-process={quote(request['process'], safe='')}" if request.get("process") else ""
    target = f"/{request['bucket']}/{quote(request['key'])}{query}"
    headers = {
        "Host": urlsplit(connect["endpoint"]).netloc,
        "Referer": f"{connect['endpoint']}{target}",
        "Content-Type": "application/octet-stream",
        "Date": format_datetime(now, usegmt=True),
        "x-oss-date": now.strftime("%Y%m%dT%H%M%SZ"),
    }
    signed = HttpRequest("GET", f"{connect['endpoint']}{target}", headers={"Content-Type": headers["Content-Type"]})
    context = SigningContext(
        product="oss",
        region=connect["region"],
        bucket=request["bucket"],
        key=request["key"],
        request=signed,
        credentials=Credentials(connect["id"], connect["secret"], connect["token"] or None),
        signing_time=now,
    )
    SignerV4().sign(context)
    for name in ("x-oss-content-sha256", "x-oss-security-token", "Authorization"):
        if name in signed.headers:
            headers[name] = signed.headers[name]
    lines = [f"GET {target} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items()), "", ""]
    return "\r\n".join(lines).encode("ascii")


def _send(endpoint: str, content: bytes) -> bytes:
    place = urlsplit(endpoint)
    with socket.create_connection((place.hostname, place.port), timeout=ANSWER_S) as connection:
        connection.sendall(content)
        response = HTTPResponse(connection)
        response.begin()
        body = response.read()
        response.close()
    if response.status >= 300:
        raise Refused(response.status, body)
    return body


def version(request: Request) -> Answer:
    return {"version": "its requests"}


def get(request: Request) -> Answer:
    return {"body": text(_send(request["connect"]["endpoint"], get_request(request, datetime.now(UTC))))}


def describe(error: Exception) -> Answer:
    if not isinstance(error, Refused):
        return {"exception": class_name(error), "message": str(error)}
    return {
        "exception": "HTTP",
        "code": error.code,
        "status": error.status,
        "request_id": error.request_id,
        "message": error.message,
    }


if __name__ == "__main__":
    serve({"version": version, "get": get}, describe)
