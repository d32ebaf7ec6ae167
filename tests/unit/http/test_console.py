"""The console's files, and what protects the page."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from oss_faces.errors import ConfigurationError
from oss_faces.http import Admin, ConsoleFacts, ConsoleSettings, Readiness, console_routes
from oss_faces.metering import ServerMetrics
from tests.unit.http.in_process import Answered, Exchange, body_messages, scope

pytestmark = pytest.mark.anyio

FACTS = ConsoleFacts("https://oss.example:9000", "cn-hangzhou", "1.2.3", {"put_bytes_max": 5})
PAGE = "<!doctype html><title>Console</title>" + "<p>text</p>" * 200


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "console"
    (made / "js").mkdir(parents=True)
    (made / "index.html").write_text(PAGE)
    (made / "js" / "main.js").write_text("export const a = 1;")
    (tmp_path / "secret.txt").write_text("outside")
    return made


@pytest.fixture
def admin(folder: Path) -> Admin:
    return Admin(ServerMetrics("1"), Readiness({}), console_routes(folder, FACTS))


async def ask(admin: Admin, path: str, method: str = "GET", **headers: str) -> Answered:
    exchange = Exchange(body_messages())
    sent = [("host", "127.0.0.1:9001"), *((name.replace("_", "-"), value) for name, value in headers.items())]
    asked: dict[str, Any] = {**scope(method, path, sent), "path": path, "root_path": ""}
    await admin.app(asked, exchange.receive, exchange.send)
    assert exchange.answered.is_complete
    return exchange.answered


async def test_page_and_its_files_are_served(admin: Admin) -> None:
    """The folder's name stands for its index, and scripts have a type that browsers run as modules."""
    page = await ask(admin, "/console/")
    assert (page.status, page.body.decode()) == (200, PAGE)
    assert page.header("content-type") == "text/html; charset=utf-8"
    script = await ask(admin, "/console/js/main.js")
    assert script.status == 200
    assert (script.header("content-type") or "").partition(";")[0] in ("text/javascript", "application/javascript")


@pytest.mark.parametrize("path", ["/", "/console"])
async def test_address_alone_leads_to_the_console(admin: Admin, path: str) -> None:
    """Relative, so that a proxy may show it under a name of its own."""
    answered = await ask(admin, path)
    assert (answered.status, answered.header("location")) == (307, "console/")


async def test_page_learns_where_the_main_port_is(admin: Admin) -> None:
    """Before anybody has signed in; there is no key in it."""
    answered = await ask(admin, "/console/config.json")
    assert json.loads(answered.body) == {
        "endpoint": "https://oss.example:9000",
        "region": "cn-hangzhou",
        "version": "1.2.3",
        "limits": {"put_bytes_max": 5},
    }


@pytest.mark.parametrize(
    "path", ["/console/", "/console/js/main.js", "/console/config.json", "/console/absent", "/console/js"]
)
async def test_everything_is_guarded(admin: Admin, path: str) -> None:
    """Errors too: whatever a browser can be made to show carries the policy."""
    answered = await ask(admin, path)
    policy = dict(part.split(" ", 1) for part in (answered.header("content-security-policy") or "").split("; "))
    assert policy == {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "font-src": "'self'",
        "worker-src": "'self'",
        "manifest-src": "'self'",
        "img-src": "'self' blob: data: https://oss.example:9000",
        "connect-src": "'self' https://oss.example:9000",
        "frame-ancestors": "'none'",
        "base-uri": "'none'",
        "form-action": "'none'",
    }
    assert answered.header("x-content-type-options") == "nosniff"
    assert answered.header("referrer-policy") == "no-referrer"
    assert answered.header("cross-origin-opener-policy") == "same-origin"
    assert answered.header("cross-origin-resource-policy") == "same-origin"
    assert answered.header("x-frame-options") == "DENY"
    assert answered.header("access-control-allow-origin") is None


async def test_file_is_sent_once(admin: Admin) -> None:
    """It is asked for again each time, and not sent again while it is the same."""
    first = await ask(admin, "/console/js/main.js")
    assert first.header("cache-control") == "no-cache"
    again = await ask(admin, "/console/js/main.js", if_none_match=first.header("etag") or "")
    assert (again.status, again.body) == (304, b"")


async def test_page_is_compressed(admin: Admin) -> None:
    """For those who can read it."""
    answered = await ask(admin, "/console/", accept_encoding="gzip, br")
    assert answered.header("content-encoding") == "gzip"
    assert gzip.decompress(answered.body).decode() == PAGE
    assert len(answered.body) < len(PAGE) / 5
    assert "Accept-Encoding" in (answered.header("vary") or "")


@pytest.mark.parametrize("path", ["/console/../secret.txt", "/console/js/../../secret.txt", "/console//etc/passwd"])
async def test_nothing_outside_the_folder_is_served(admin: Admin, path: str) -> None:
    """However it is written."""
    assert (await ask(admin, path)).status == 404


async def test_console_takes_nothing(admin: Admin) -> None:
    """There is nothing on this address that could be changed."""
    for path in ("/console/", "/console/config.json", "/"):
        assert (await ask(admin, path, "POST")).status == 405


@pytest.mark.parametrize(
    ("setting", "changes"),
    [
        ("endpoint", {"endpoint": "oss.example.com"}),
        ("endpoint", {"endpoint": "https://oss.example.com/"}),
        ("endpoint", {"endpoint": "https://oss.example.com; script-src *"}),
        ("endpoint", {"endpoint": "javascript:alert(1)"}),
        ("origins", {"origins": ("*",)}),
        ("origins", {"origins": ("null",)}),
        ("origins", {"origins": ("http://127.0.0.1:9001", "https://Console.example")}),
        ("origins", {"origins": ("https://c.example/console",)}),
        ("origins", {"origins": ("http://127.0.0.1:9001",) * 21}),
    ],
)
def test_origin_that_is_none_is_refused(setting: str, changes: dict[str, Any]) -> None:
    """Neither a policy nor an answer gets anything into it but an origin."""
    with pytest.raises(ConfigurationError, match=rf"console\.{setting}"):
        ConsoleSettings(**changes).validate()


@pytest.mark.parametrize("origin", ["http://127.0.0.1:9000", "https://oss.example.com", "http://[::1]:9000"])
def test_origin_is_accepted(origin: str) -> None:
    """Names and addresses, with a port or without."""
    ConsoleSettings(endpoint=origin, origins=(origin,)).validate()
