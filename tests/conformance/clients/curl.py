"""Driver of curl: it makes URLs with one of the official SDKs and hands them to a program that knows nothing of OSS."""

import subprocess
import sys
import tempfile
from pathlib import Path
from urllib.parse import quote
from xml.etree import ElementTree as ET

import oss2

from tests.conformance.clients.lines import Answer, Request, body, class_name, serve, text

CURL = sys.argv[1]
CURL_S = 60


class HTTP(Exception):  # noqa: N818  what there is without an SDK
    """An answer that is no success: its document, and the status."""

    def __init__(self, status: int, document: bytes) -> None:
        super().__init__(status)
        root = ET.fromstring(document) if document else ET.Element("Error")  # noqa: S314  our own server's answer
        self.status = status
        self.code, self.request_id, self.message = (root.findtext(name) for name in ("Code", "RequestId", "Message"))


def _curl(url: str, *flags: str, out: str | None = None) -> bytes:
    """Let curl fetch a URL; the body of a success is what it wrote."""
    with tempfile.TemporaryDirectory() as folder:
        target = out or f"{folder}/body"
        command = (CURL, "--silent", "--show-error", "--globoff", "--write-out", "%{http_code}", "-o", target, *flags)
        done = subprocess.run((*command, url), capture_output=True, check=True, timeout=CURL_S)
        content = Path(target).read_bytes() if Path(target).exists() else b""
    status = int(done.stdout)
    if status >= 300:
        raise HTTP(status, content)
    return content


def _url(request: Request, method: str = "GET") -> str:
    connect = request["connect"]
    query = {"x-oss-process": request["process"]} if request.get("process") else {}
    place = f"{connect['endpoint']}/{request['bucket']}/{quote(request['key'])}"
    if connect["signature"] == "anonymous":
        return f"{place}?x-oss-process={query['x-oss-process']}" if query else place
    provider = oss2.credentials.StaticCredentialsProvider(connect["id"], connect["secret"], connect["token"] or None)
    auth = {"v1": oss2.ProviderAuth, "v4": oss2.ProviderAuthV4}[connect["signature"]](provider)
    bucket = oss2.Bucket(auth, connect["endpoint"], request["bucket"], region=connect["region"])
    return bucket.sign_url(method, request["key"], request.get("expires_s", 600), params=query, slash_safe=True)


def version(request: Request) -> Answer:
    done = subprocess.run((CURL, "--version"), capture_output=True, text=True, check=True, timeout=CURL_S)
    return {"version": done.stdout.split()[1]}


def put(request: Request) -> Answer:
    with tempfile.NamedTemporaryFile() as source:
        source.write(body(request))
        source.flush()
        _curl(_url(request, "PUT"), "--upload-file", source.name)
    return {}


def get(request: Request) -> Answer:
    flags = []
    if request.get("range"):
        flags = ["--range", "{}-{}".format(*request["range"])]
    if request.get("if_none_match"):
        flags += ["--header", f"If-None-Match: {request['if_none_match']}"]
    return {"body": text(_curl(_url(request), *flags))}


def get_file(request: Request) -> Answer:
    _curl(_url(request), out=request["path"])
    return {}


def get_url(request: Request) -> Answer:
    return {"body": text(_curl(request["url"]))}


def presign(request: Request) -> Answer:
    return {"url": _url(request, request["method"])}


def delete(request: Request) -> Answer:
    _curl(_url(request, "DELETE"), "--request", "DELETE")
    return {}


def describe(error: Exception) -> Answer:
    if not isinstance(error, HTTP):
        return {"exception": class_name(error), "message": str(error)}
    return {
        "exception": "HTTP",
        "code": error.code,
        "status": error.status,
        "request_id": error.request_id,
        "message": error.message,
    }


OPERATIONS = (version, put, get, get_file, get_url, presign, delete)

if __name__ == "__main__":
    serve({operation.__name__: operation for operation in OPERATIONS}, describe)
