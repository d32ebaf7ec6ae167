"""What the driver of PHP's requests writes is what PHP writes."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.conformance.clients.php_requests import get_request

VECTORS = Path(__file__).parents[1] / "vectors" / "synthetic.json"


@pytest.mark.shared
def test_request_is_byte_for_byte_the_captured_one(shared: Path) -> None:
    """With the key and the clock of the capture the driver writes the captured bytes, signature included."""
    captured = json.loads((shared / "wire" / "captures" / "out" / "synthetic.json").read_text(encoding="utf-8"))
    (request,) = [case["request"] for case in captured["cases"] if case["name"] == "php_get_process_v4_header"]
    lines = [request["request_line"], *(f"{name}: {value}" for name, value in request["headers"]), "", ""]
    credentials = json.loads(VECTORS.read_text(encoding="utf-8"))["credentials"]
    connect = {
        "endpoint": "http://127.0.0.1:9000",
        "region": "cn-hangzhou",
        "id": credentials["access_key_id"],
        "secret": credentials["secret"],
        "token": "",
    }
    asked = {"connect": connect, "bucket": "examplebucket", "key": "example.jpg", "process": "image/faces"}
    assert get_request(asked, datetime(2023, 7, 21, 8, 57, 30, tzinfo=UTC)) == "\r\n".join(lines).encode()
