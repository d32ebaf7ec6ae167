"""What was acknowledged is there after the server was killed."""

import hashlib
import os
import signal
import threading

import oss2

from tests.running import start_server

WRITERS, WRITES_EACH, KILL_AFTER = 4, 50, 90


def test_acknowledged_objects_survive_kill_9(tmp_path):
    """Kill -9 during 200 writes: every acknowledged object reads back whole, no half object is listed."""
    server = start_server(tmp_path)
    bucket = server.bucket()
    bucket.create_bucket()
    acknowledged: dict[str, str] = {}
    reached = threading.Event()

    def write(writer: int) -> None:
        own = server.bucket(connect_timeout=5)
        for number in range(WRITES_EACH):
            content = os.urandom(1000 + 7919 * ((writer * WRITES_EACH + number) % 37))
            key = f"{writer}/{number}"
            try:
                own.put_object(key, content)
            except (oss2.exceptions.RequestError, oss2.exceptions.ServerError):
                return
            acknowledged[key] = hashlib.md5(content).hexdigest().upper()
            if len(acknowledged) >= KILL_AFTER:
                reached.set()

    writers = [threading.Thread(target=write, args=(number,)) for number in range(WRITERS)]
    for thread in writers:
        thread.start()
    assert reached.wait(60)
    server.process.send_signal(signal.SIGKILL)
    server.process.wait(10)
    server.process.stdout.close()
    for thread in writers:
        thread.join(30)
    assert KILL_AFTER <= len(acknowledged) < WRITERS * WRITES_EACH

    again = start_server(tmp_path)
    try:
        bucket = again.bucket()
        for key, etag in acknowledged.items():
            content = bucket.get_object(key).read()
            assert hashlib.md5(content).hexdigest().upper() == etag
        for entry in oss2.ObjectIterator(bucket):
            content = bucket.get_object(entry.key).read()
            assert len(content) == entry.size
            assert hashlib.md5(content).hexdigest().upper() == entry.etag
    finally:
        assert again.stop() == 0
