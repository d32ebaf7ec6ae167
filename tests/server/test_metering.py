"""What the counters say is what the clients saw: under load, beside a running server, and after `kill -9`."""

import itertools
import json
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import oss2
import pytest
from prometheus_client.parser import text_string_to_metric_families

from oss_faces.metering import Outcome, kind_of
from tests.running import REGION, RunningServer, portrait, start_server

CLIENTS, REQUESTS_EACH = 8, 125
CHUNK, HEAD_BYTES_MAX = 256 * 1024, 1024
KILL_AFTER = 300
# Longer than any deadline of the servers here: on a busy machine pictures wait behind the other requests.
PATIENCE_S = 90
Row = dict[str, int | str]


def usage(data: Path, by: str) -> dict[str, Row]:
    """What `oss-faces usage` says, by the name of each group."""
    command = [sys.executable, "-m", "oss_faces", "usage", "--data", str(data), "--by", by, "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    rows: list[Row] = json.loads(done.stdout)
    return {str(row.get(by, row.get("access_key_id"))): row for row in rows}


def requests_of(row: Row) -> int:
    """Every request of a row, however it ended."""
    outcomes = {outcome.value for outcome in Outcome} - {Outcome.SUCCEEDED.value}
    return sum(int(count) for name, count in row.items() if name.endswith("_requests") or name in outcomes)


class Client:
    """An SDK of its own connections, which counts what comes back.

    Attributes:
        columns, operations: requests whose answers came whole, by column of the report and by operation.
        bytes_in: of their bodies.
        in_flight: requests that broke off.
    """

    def __init__(self, server: RunningServer, bucket: str) -> None:
        self._session = oss2.Session()
        self._session.session.hooks["response"].append(self._hook)
        self._operation = ""
        self.columns: Counter[str] = Counter()
        self.operations: Counter[str] = Counter()
        self.bytes_in = 0
        self.detections = 0
        self.in_flight = 0
        options = {"session": self._session, "region": REGION, "connect_timeout": PATIENCE_S}
        self.bucket = oss2.Bucket(server.auth(), server.endpoint, bucket, **options)
        self.stranger = oss2.Bucket(oss2.AnonymousAuth(), server.endpoint, bucket, **options)

    def _hook(self, answer, *_arguments, **_options) -> None:
        """Take down an answer when its body has come whole; `content` reads it to its end."""
        body = answer.content
        if answer.request.method != "HEAD":
            assert len(body) == int(answer.headers.get("Content-Length", 0))
        self.bytes_in += len(body)
        outcome = Outcome.of_status(answer.status_code)
        self.columns[kind_of(self._operation) if outcome is Outcome.SUCCEEDED else outcome.value] += 1
        self.operations[self._operation] += 1
        self.detections += outcome is Outcome.SUCCEEDED and self._operation == "oss:ProcessImage"

    def ask(self, operation: str, call: Callable[[], object]) -> bool:
        """Make one request; return whether its answer came whole, be it an error."""
        self._operation = operation
        try:
            call()
        except oss2.exceptions.RequestError:
            self.in_flight += 1
            return False
        except oss2.exceptions.OssError:
            pass
        return True

    def mixture(self) -> Iterator[tuple[str, Callable[[], object]]]:
        """Requests of every kind, without end, each with the name of its operation."""
        bucket, name = self.bucket, threading.get_ident()
        for number in itertools.count():
            yield "oss:PutObject", lambda n=number: bucket.put_object(f"{name}/{n}", bytes(n % 5000))
            yield "oss:GetObject", lambda n=number: bucket.get_object(f"{name}/{n}")
            yield "oss:GetObject", lambda n=number: bucket.get_object(f"{name}/{n}", headers={"If-None-Match": "*"})
            yield "oss:HeadObject", lambda n=number: bucket.head_object(f"{name}/{n}")
            yield "oss:GetObject", lambda: bucket.get_object("absent")
            yield "oss:HeadObject", lambda: bucket.head_object("absent")
            yield "oss:ListObjects", lambda: bucket.list_objects(max_keys=20)
            yield "oss:GetObject", lambda: self.stranger.get_object("example.jpg")
            yield "", lambda: bucket.get_object("example.jpg", process="image/nonsense")
            yield "oss:GetBucketInfo", bucket.get_bucket_info
            yield "oss:DeleteObject", lambda n=number: bucket.delete_object(f"{name}/{n}")
            if number % 2 == 0:
                yield "oss:ProcessImage", lambda: bucket.get_object("example.jpg", process="image/faces")


def prepare(server: RunningServer) -> None:
    """Make the bucket with one picture in it: two requests, whose answers have no body."""
    bucket = server.bucket()
    bucket.create_bucket()
    bucket.put_object_from_file("example.jpg", str(portrait()))


def run_all(clients: list[Client], work: Callable[[Client], None]) -> None:
    threads = [threading.Thread(target=work, args=(client,)) for client in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(500)
        assert not thread.is_alive()


def admin_of(server: RunningServer) -> str:
    """The admin address, which the greeting names behind the endpoint."""
    assert server.process.stdout is not None
    for line in server.process.stdout:
        if line.strip().startswith("admin"):
            return line.split()[1].removesuffix("/metrics")
    raise AssertionError("the greeting names no admin address")


def fetch(url: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(url, timeout=20) as answer:  # noqa: S310  the server's own address
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as exc:
        with exc:
            return exc.code, exc.read().decode()


def check_columns(counted: Row, clients: list[Client]) -> None:
    """Each column of a report, the bytes and the detections are those of the clients; the preparation was two PUTs."""
    columns = sum((client.columns for client in clients), Counter({"put_requests": 2}))
    assert {"get_requests", "head_requests", "list_requests", "delete_requests", "put_requests"} <= set(columns)
    assert {"not_modified", "denied", "missing", "refused"} <= set(columns)
    for name, count in counted.items():
        if name.endswith("_requests") or name in {outcome.value for outcome in Outcome}:
            assert count == columns[name], name
    assert counted["bytes_out"] == sum(client.bytes_in for client in clients)
    assert counted["image_detect"] == sum(client.detections for client in clients) > 0


def check_metrics(text: str, counted: Row, operations: Counter[str]) -> None:
    """A scrape says what the counters say: both began with this server."""
    samples = [sample for family in text_string_to_metric_families(text) for sample in family.samples]
    scraped: Counter[str] = Counter()
    for sample in samples:
        if sample.name == "oss_faces_requests_total":
            operation = sample.labels["operation"]
            scraped["" if operation == "unknown" else operation] += int(sample.value)
    assert scraped == operations
    values = {sample.name: sample.value for sample in samples}
    assert values["oss_faces_body_bytes_out_total"] == counted["bytes_out"]
    assert values["oss_faces_source_bytes_total"] == counted["source_bytes"]
    assert values["oss_faces_image_detect_total"] == counted["image_detect"]
    stages = {s.labels["stage"]: s.value for s in samples if s.name == "oss_faces_stage_seconds_count"}
    # What was kept of the first answers was not worked out again, and is counted all the same.
    worked_out = counted["image_detect"] - counted["cache_hits"]
    names = ("queue", "read", "decode", "detect", "analyse")
    assert stages == {**dict.fromkeys(names, worked_out), "render": counted["image_detect"]}
    assert 0 < worked_out < counted["image_detect"]
    assert values["oss_faces_cache_hits_total"] == counted["cache_hits"]


@pytest.mark.timeout(600)
def test_counters_are_what_the_clients_counted(tmp_path: Path) -> None:
    """1,000 mixed requests from 8 clients at once: columns, bytes, detections and metrics, and the same afterwards."""
    server = start_server(tmp_path, environment={"OSS_FACES_WORKERS__DEADLINE_S": "60"})
    admin = admin_of(server)
    prepare(server)
    clients = [Client(server, "examplebucket") for _ in range(CLIENTS)]

    def work(client: Client) -> None:
        for operation, call in itertools.islice(client.mixture(), REQUESTS_EACH):
            assert client.ask(operation, call)

    run_all(clients, work)
    operations = sum((client.operations for client in clients), Counter())
    assert operations.total() == CLIENTS * REQUESTS_EACH == 1000
    operations += Counter({"oss:PutBucket": 1, "oss:PutObject": 1})

    # Beside the running server.
    counted = usage(server.data, "bucket")["examplebucket"]
    check_columns(counted, clients)
    assert int(counted["source_bytes"]) >= int(counted["image_detect"]) * portrait().stat().st_size
    by_operation = usage(server.data, "operation")
    assert {name: requests_of(row) for name, row in by_operation.items()} == operations
    by_key = usage(server.data, "key")
    assert requests_of(by_key[""]) == counted["denied"]
    assert requests_of(by_key[server.access_key_id]) == operations.total() - int(counted["denied"])
    status, text = fetch(f"{admin}/metrics")
    assert status == 200
    check_metrics(text, counted, operations)

    # Over a restart nothing is lost and nothing is counted twice.
    assert server.stop() == 0
    again = start_server(tmp_path)
    assert again.stop() == 0
    assert usage(server.data, "bucket")["examplebucket"] == counted


@pytest.mark.timeout(600)
def test_killed_server_has_counted_what_was_answered(tmp_path: Path) -> None:
    """Kill -9 in the middle: every answered request is counted, once; those in flight may be or not."""
    # A refusal by a full server would be counted for nobody.
    server = start_server(tmp_path, environment={"OSS_FACES_WORKERS__DEADLINE_S": "60"})
    prepare(server)
    clients = [Client(server, "examplebucket") for _ in range(CLIENTS)]
    answered, enough = itertools.count(1), threading.Event()

    def work(client: Client) -> None:
        for operation, call in client.mixture():
            if not client.ask(operation, call):
                return
            if next(answered) >= KILL_AFTER:
                enough.set()

    def kill() -> None:
        assert enough.wait(500)
        server.process.send_signal(signal.SIGKILL)

    killer = threading.Thread(target=kill)
    killer.start()
    run_all(clients, work)
    killer.join()
    server.process.wait(10)
    assert server.process.stdout is not None
    server.process.stdout.close()
    assert sum(client.in_flight for client in clients) == CLIENTS
    operations = sum((client.operations for client in clients), Counter({"oss:PutBucket": 1, "oss:PutObject": 1}))
    counted = {name: requests_of(row) for name, row in usage(server.data, "operation").items()}
    for operation, count in operations.items():
        assert count <= counted[operation] <= count + CLIENTS, operation
    assert operations.total() <= sum(counted.values()) <= operations.total() + CLIENTS


def test_client_that_leaves_pays_for_what_it_took(tmp_path: Path) -> None:
    """Of a large object what was sent is counted, but for the piece on its way, and for what never left."""
    server = start_server(tmp_path)
    bucket = server.bucket()
    bucket.create_bucket()
    size = 64 * 1024 * 1024
    bucket.put_object("large", bytes(size))
    target = bucket.sign_url("GET", "large", 60).removeprefix(server.endpoint)
    taken = 0
    with socket.create_connection(server.address, timeout=20) as connection:
        connection.sendall(f"GET {target} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode())
        while taken < 1024 * 1024:
            taken += len(connection.recv(65536))
    deadline = time.monotonic() + 30
    while '"client_gone"' not in server.log.read_text():
        assert time.monotonic() < deadline
    assert server.stop() == 0
    row = usage(server.data, "operation")["oss:GetObject"]
    assert row["get_requests"] == 1
    assert taken - HEAD_BYTES_MAX - CHUNK <= int(row["bytes_out"]) < size / 2


def test_nothing_is_answered_while_nothing_can_be_counted(tmp_path: Path) -> None:
    """A locked database: 503 with Retry-After, and not ready; when it is free again all is well, and exact."""
    server = start_server(tmp_path, environment={"OSS_FACES_DATABASE__BUSY_TIMEOUT_S": "0.2"})
    admin = admin_of(server)
    bucket = server.bucket()
    bucket.create_bucket()
    assert fetch(f"{admin}/readyz")[0] == 200
    with closing(sqlite3.connect(server.data / "state.sqlite", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(oss2.exceptions.ServerError) as caught:
            bucket.list_objects()
        assert caught.value.status == 503
        assert caught.value.details["EC"] == "0001-00000504"
        assert caught.value.headers["retry-after"] == "1"
        status, text = fetch(f"{admin}/readyz")
        assert (status, json.loads(text)["checks"]) == (
            503,
            {"serving": "ok", "metering": "not available", "objects": "ok"},
        )
        assert fetch(f"{admin}/healthz") == (200, "ok")
    bucket.list_objects()
    assert fetch(f"{admin}/readyz")[0] == 200
    assert server.stop() == 0
    assert requests_of(usage(server.data, "operation")["oss:ListObjects"]) == 1


def test_admin_address_outlasts_the_other(tmp_path: Path) -> None:
    """Told to stop, the server is not ready at once; metrics can be read until the last request has ended."""
    server = start_server(tmp_path)
    admin = admin_of(server)
    bucket = server.bucket()
    bucket.create_bucket()
    target = bucket.sign_url("PUT", "slow", 60).removeprefix(server.endpoint)
    with socket.create_connection(server.address, timeout=20) as connection:
        connection.sendall(f"PUT {target} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 8\r\n\r\nhalf".encode())
        # A second request shows that the first was taken.
        assert not bucket.object_exists("slow")
        server.process.send_signal(signal.SIGTERM)
        deadline = time.monotonic() + 20
        while fetch(f"{admin}/readyz")[0] == 200:
            assert time.monotonic() < deadline
        assert "oss_faces_requests_total" in fetch(f"{admin}/metrics")[1]
        connection.sendall(b"half")
        assert connection.recv(65536).startswith(b"HTTP/1.1 200 ")
    assert server.process.wait(timeout=30) == 0
    assert server.process.stdout is not None
    server.process.stdout.close()
    with pytest.raises(urllib.error.URLError):
        fetch(f"{admin}/healthz")


def test_admin_address_can_be_off(tmp_path: Path) -> None:
    """Then the greeting says so."""
    server = start_server(tmp_path, environment={"OSS_FACES_ADMIN__LISTEN": "off"})
    assert admin_of(server) == "off"
    assert server.stop() == 0
