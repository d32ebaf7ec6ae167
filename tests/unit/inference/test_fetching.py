import functools
import hashlib
import threading
import urllib.request
from collections.abc import Iterator
from email.message import Message
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from pathlib import Path

import pytest

from oss_faces.errors import ModelUnavailable
from oss_faces.inference import FetchLimits, fetch
from oss_faces.inference.fetching import Redirects

CONTENT = b"a network" * 1000
DIGEST = hashlib.sha256(CONTENT).hexdigest()


class Quiet(SimpleHTTPRequestHandler):
    """Serves a folder; sends on to what follows /to/, and under /drip sends one byte and no other."""

    def do_GET(self) -> None:
        if self.path.startswith("/to/"):
            self.send_response(302)
            self.send_header("Location", self.path.removeprefix("/to/"))
            self.end_headers()
        elif self.path == "/drip":
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"x")
            self.rfile.read(1)
        else:
            super().do_GET()

    def log_message(self, *arguments: object) -> None:
        pass


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server that has the network."""
    folder = tmp_path_factory.mktemp("served")
    (folder / "net.onnx").write_bytes(CONTENT)
    with ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=folder)) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def still() -> float:
    """A clock that stands."""
    return 0.0


def test_the_right_file_is_kept(address: str, tmp_path: Path) -> None:
    """Its content is what was served."""
    fetch(f"{address}/net.onnx", tmp_path / "net", DIGEST, FetchLimits(), still)
    assert (tmp_path / "net").read_bytes() == CONTENT


def test_another_file_is_refused(address: str, tmp_path: Path) -> None:
    """The error names what was meant and what was found."""
    with pytest.raises(ModelUnavailable, match=f"{'0' * 64}.*{DIGEST}"):
        fetch(f"{address}/net.onnx", tmp_path / "net", "0" * 64, FetchLimits(), still)


def test_size_and_time_are_bounded(address: str, tmp_path: Path) -> None:
    """A file that is too large, or comes too slowly, is not fetched to its end."""
    with pytest.raises(ModelUnavailable, match="larger than 100 bytes"):
        fetch(f"{address}/net.onnx", tmp_path / "large", DIGEST, FetchLimits(size_bytes_max=100), still)
    ticks = iter(range(0, 10_000, 100))
    with pytest.raises(ModelUnavailable, match="longer than 50 seconds"):
        fetch(f"{address}/net.onnx", tmp_path / "slow", DIGEST, FetchLimits(whole_s=50), lambda: float(next(ticks)))


def test_a_server_that_drips_is_given_up(address: str, tmp_path: Path) -> None:
    """The clock is looked at after whatever has come, not when a whole piece is there."""
    ticks = iter((0.0, 51.0))
    with pytest.raises(ModelUnavailable, match="longer than 50 seconds"):
        fetch(f"{address}/drip", tmp_path / "net", DIGEST, FetchLimits(whole_s=50, silence_s=2), lambda: next(ticks))


@pytest.mark.parametrize("url", ["file:///etc/hostname", "ftp://example.com/net.onnx", "net.onnx"])
def test_other_addresses_are_refused(url: str, tmp_path: Path) -> None:
    """Only HTTP is spoken; nothing of this machine is read that way."""
    with pytest.raises(ModelUnavailable, match="Only http"):
        fetch(url, tmp_path / "net", DIGEST, FetchLimits(), still)


def test_what_is_not_there_is_told(address: str, tmp_path: Path) -> None:
    """A missing file and a dead server are one kind of error, with the reason."""
    with pytest.raises(ModelUnavailable, match="404"):
        fetch(f"{address}/absent", tmp_path / "net", DIGEST, FetchLimits(), still)
    with pytest.raises(ModelUnavailable, match="cannot be fetched"):
        fetch("http://127.0.0.1:9/net", tmp_path / "other", DIGEST, FetchLimits(), still)


def test_a_redirect_is_followed_only_to_http(address: str, tmp_path: Path) -> None:
    """To another place of the web, never to a file or a server of another kind."""
    fetch(f"{address}/to/{address}/net.onnx", tmp_path / "net", DIGEST, FetchLimits(), still)
    assert (tmp_path / "net").read_bytes() == CONTENT
    for elsewhere in ("ftp://127.0.0.1:9/net.onnx", "file:///etc/hostname"):
        with pytest.raises(ModelUnavailable, match=r"is not (fetched|allowed)"):
            fetch(f"{address}/to/{elsewhere}", tmp_path / "other", DIGEST, FetchLimits(), still)


@pytest.mark.parametrize(("url", "is_followed"), [("https://b.example/net", True), ("http://b.example/net", False)])
def test_https_is_never_left(url: str, is_followed: bool) -> None:
    """Otherwise whoever is on the way could say what is fetched."""
    asked = (urllib.request.Request("https://a.example/net"), BytesIO(), 302, "Found", Message(), url)
    if is_followed:
        assert Redirects().redirect_request(*asked).full_url == url
    else:
        with pytest.raises(ModelUnavailable, match="is not fetched"):
            Redirects().redirect_request(*asked)
