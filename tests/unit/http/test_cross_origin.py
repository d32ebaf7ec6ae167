"""Pages of other origins: whom the main port answers so that a browser lets them read it."""

from collections.abc import Callable
from dataclasses import replace

import oss2
import pytest

from oss_faces.http import ConsoleSettings, CrossOrigin, Edge, console_origins
from oss_faces.metering import MemoryUsageStore
from tests.unit.http.imm_calls import ask
from tests.unit.http.imm_calls import signed as imm_signed
from tests.unit.http.in_process import (
    ENDPOINT,
    HEADER_ID,
    KEY_ID,
    PICTURE,
    REGION,
    SECRET,
    Answered,
    InProcess,
    Message,
    signed,
)

OURS, FOREIGN = "http://127.0.0.1:9001", "https://evil.example"
HOST = {"host": "127.0.0.1:9000"}
ASKING = {"access-control-request-method": "PUT"}
MakeEdge = Callable[..., Edge]


@pytest.fixture
def session(make_edge: MakeEdge) -> InProcess:
    """A server with a console."""
    return InProcess(make_edge(origins=CrossOrigin(frozenset({OURS}))))


def preflight(session: InProcess, origin: str, target: str = "/photos/a.jpg", **headers: str) -> Answered:
    asked = {name.replace("_", "-"): value for name, value in headers.items()}
    return session.exchange("OPTIONS", target, {**HOST, **ASKING, "origin": origin, **asked})


def allowed(answered: Answered) -> dict[str, str]:
    return {name: value for name, value in answered.headers if name.startswith("access-control-")}


# --- preflights ---------------------------------------------------------------------------------------------------


def test_preflight_needs_no_signature(session: InProcess) -> None:
    """A browser sends none; the answer names methods, headers and for how long it holds."""
    answered = preflight(
        session, OURS, access_control_request_headers="authorization,x-oss-date, X-ACS-Action,content-type"
    )
    assert answered.status == 204
    assert answered.body == b""
    assert allowed(answered) == {
        "access-control-allow-origin": OURS,
        "access-control-expose-headers": "*",
        "access-control-allow-methods": "GET, HEAD, PUT, POST, DELETE",
        "access-control-allow-headers": "authorization, x-oss-date, x-acs-action, content-type",
        "access-control-max-age": "7200",
    }
    assert answered.header("vary") == "Origin"
    assert answered.header("x-oss-request-id") == HEADER_ID


@pytest.mark.parametrize("name", ["cookie", "x-forwarded-for", "host", "x-oss-", "x-oss-a\x00", ""])
def test_preflight_allows_no_header_that_is_not_read(session: InProcess, name: str) -> None:
    """What is not named is not allowed, and nothing is repeated that was not understood."""
    answered = preflight(session, OURS, access_control_request_headers=name)
    assert answered.status == 204
    assert "access-control-allow-headers" not in allowed(answered)


def test_preflight_has_a_limit(session: InProcess) -> None:
    """A list without end is cut off."""
    names = ",".join(f"x-oss-meta-{number}" for number in range(1000))
    answered = preflight(session, OURS, access_control_request_headers=names)
    assert len(allowed(answered)["access-control-allow-headers"].split(", ")) == 64


@pytest.mark.parametrize("origin", [FOREIGN, "null", OURS + ".evil.example", OURS.upper(), f"{OURS},{FOREIGN}", ""])
def test_foreign_preflight_gets_what_it_got_before(make_edge: MakeEdge, session: InProcess, origin: str) -> None:
    """No origin but ours is let in, and none learns that there is a console, but for `Vary`."""
    without = preflight(InProcess(make_edge()), origin)
    answered = preflight(session, origin)
    assert (answered.status, answered.body) == (without.status, without.body)
    assert answered.status >= 400
    assert allowed(answered) == {}
    assert [header for header in answered.headers if header[0] not in ("vary", "x-oss-server-time")] == [
        header for header in without.headers if header[0] != "x-oss-server-time"
    ]


def test_options_that_asks_for_nothing_is_no_preflight(session: InProcess) -> None:
    """Without the method that is asked for it is refused like any other unknown method."""
    answered = session.exchange("OPTIONS", "/photos/a.jpg", {**HOST, "origin": OURS})
    assert answered.status >= 400


def test_preflight_is_counted_and_logged(log: list[Message], make_edge: MakeEdge, usage: MemoryUsageStore) -> None:
    """It is a request like any other, of nobody and about no bucket."""
    preflight(InProcess(make_edge(origins=CrossOrigin(frozenset({OURS})))), OURS)
    [(key, counts)] = usage.rows()
    assert (key.access_key_id, key.bucket, key.operation, key.outcome) == ("", "", "oss:OptionObject", "succeeded")
    assert counts.requests == 1
    assert [(line["event"], line["action"], line["status"]) for line in log] == [("request", "preflight", 204)]


# --- actual requests ----------------------------------------------------------------------------------------------


def test_answer_is_readable_by_our_page(bucket: oss2.Bucket, session: InProcess) -> None:
    """All headers of an object, its ETag among them, are exposed."""
    answered = session.exchange("GET", signed("GET", "dir/photo.jpg"), {**HOST, "origin": OURS})
    assert (answered.status, answered.body) == (200, PICTURE)
    assert allowed(answered) == {"access-control-allow-origin": OURS, "access-control-expose-headers": "*"}
    assert answered.header("vary") == "Origin"


def test_answer_of_faces_is_readable_by_our_page(bucket: oss2.Bucket, session: InProcess) -> None:
    """What is computed is answered in the same way."""
    target = signed("GET", "dir/photo.jpg", params={"x-oss-process": "image/faces"})
    answered = session.exchange("GET", target, {**HOST, "origin": OURS})
    assert answered.status == 200
    assert allowed(answered)["access-control-allow-origin"] == OURS


def test_error_is_readable_by_our_page(bucket: oss2.Bucket, session: InProcess) -> None:
    """Otherwise a browser would tell its user nothing but that the network failed."""
    for target, status in ((signed("GET", "absent"), 404), ("/photos/dir/photo.jpg", 403), ("/%zz", 400)):
        answered = session.exchange("GET", target, {**HOST, "origin": OURS})
        assert answered.status == status
        assert allowed(answered)["access-control-allow-origin"] == OURS


def test_imm_is_readable_by_our_page(session: InProcess) -> None:
    """Its answers and its errors, too."""
    request, body = imm_signed("ListProjects")
    answered, _ = ask(session, (replace(request, headers=(*request.headers, ("origin", OURS))), body))
    assert answered.status == 200
    assert allowed(answered)["access-control-allow-origin"] == OURS
    refused = session.exchange("POST", "/", {**HOST, "origin": OURS, "x-acs-action": "ListProjects"})
    assert refused.status == 400
    assert allowed(refused)["access-control-allow-origin"] == OURS


def test_origin_opens_nothing(bucket: oss2.Bucket, session: InProcess) -> None:
    """Without a signature our page gets what everybody gets."""
    for method in ("GET", "PUT", "DELETE"):
        sent = {**HOST, "origin": OURS, "content-length": "0"}
        assert session.exchange(method, "/photos/dir/photo.jpg", sent).status == 403


def test_foreign_page_reads_nothing(bucket: oss2.Bucket, session: InProcess) -> None:
    """A signed request of another origin is answered as ever, and its browser keeps the answer from the page."""
    answered = session.exchange("GET", signed("GET", "dir/photo.jpg"), {**HOST, "origin": FOREIGN})
    assert (answered.status, answered.body) == (200, PICTURE)
    assert allowed(answered) == {}
    assert answered.header("vary") == "Origin"


def test_browser_that_sends_no_origin_leaves_no_trap(bucket: oss2.Bucket, session: InProcess) -> None:
    """A picture that was shown by `<img>` must not be taken from the cache when the page fetches it."""
    answered = session.exchange("GET", signed("GET", "dir/photo.jpg"), HOST)
    assert answered.header("vary") == "Origin"
    assert allowed(answered) == {}


def test_without_a_console_nothing_changes(make_edge: MakeEdge) -> None:
    """Neither header nor preflight."""
    session = InProcess(make_edge())
    oss2.Bucket(oss2.AuthV4(KEY_ID, SECRET), ENDPOINT, "photos", session=session, region=REGION).create_bucket()
    assert session.last.header("vary") is None
    answered = preflight(session, OURS)
    assert answered.status >= 400
    assert allowed(answered) == {}


# --- which origins ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("settings", "admin", "origins"),
    [
        (ConsoleSettings(), "127.0.0.1:9001", {"http://127.0.0.1:9001", "http://localhost:9001", "http://[::1]:9001"}),
        (ConsoleSettings(), "localhost:80", {"http://127.0.0.1", "http://localhost", "http://[::1]"}),
        (ConsoleSettings(), "[fd00::1]:9001", {"http://[fd00::1]:9001"}),
        (ConsoleSettings(), "10.0.0.7:9001", {"http://10.0.0.7:9001"}),
        (ConsoleSettings(), None, set()),
        (ConsoleSettings(enabled=False), "127.0.0.1:9001", set()),
        (ConsoleSettings(enabled=False, origins=("https://c.example",)), "127.0.0.1:9001", set()),
        (ConsoleSettings(origins=("https://c.example",)), "127.0.0.1:9001", {"https://c.example"}),
        (ConsoleSettings(origins=("https://c.example",)), None, {"https://c.example"}),
    ],
)
def test_origins_are_those_of_the_console(settings: ConsoleSettings, admin: str | None, origins: set[str]) -> None:
    """By itself the admin address, by each of its names on this machine; what is set replaces it."""
    assert console_origins(settings, admin).origins == origins
