"""The product in one minute: a server, a picture stored with the official SDK, and the faces in it as JSON.

Needs no network and leaves nothing behind: the server and its data folder end with this program.
The picture is the portrait of an astronaut that ships with scikit-image (NASA, public domain).
"""

import importlib.util
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import oss2

BUCKET, KEY = "examplebucket", "example.png"


def portrait() -> Path:
    """Find the portrait inside the installed package, without importing it."""
    spec = importlib.util.find_spec("skimage")
    if spec is None or spec.origin is None:
        raise SystemExit("demo: scikit-image is not installed; run `make demo`")
    return Path(spec.origin).parent / "data" / "astronaut.png"


def wait_for_endpoint(server: subprocess.Popen[str]) -> str:
    """Read the server's greeting up to the line that names the endpoint."""
    assert server.stdout is not None, "the server was started with a pipe"
    for line in server.stdout:
        name, _, value = line.strip().partition("  ")
        if name == "endpoint":
            return value.strip()
    raise SystemExit(f"demo: the server did not start (exit status {server.wait()})")


def ask(endpoint: str, key_file: Path) -> dict[str, list[object]]:
    """Store the picture and ask for its faces, as any program made for OSS does."""
    key = json.loads(key_file.read_text())
    auth = oss2.AuthV4(key["access_key_id"], key["access_key_secret"])
    bucket = oss2.Bucket(auth, endpoint, BUCKET, region="cn-hangzhou")
    bucket.create_bucket()
    bucket.put_object_from_file(KEY, str(portrait()))
    answer: dict[str, list[object]] = json.loads(bucket.get_object(KEY, process="image/faces").read())
    return answer


def main() -> None:
    """Run the demo."""
    with tempfile.TemporaryDirectory(prefix="oss-faces-demo-") as folder:
        data, log = Path(folder) / "data", Path(folder) / "log"
        command = [sys.executable, "-m", "oss_faces", "serve", "--listen", "127.0.0.1:0", "--data", str(data)]
        with log.open("w") as errors, subprocess.Popen(command, stdout=-1, stderr=errors, text=True) as server:
            try:
                answer = ask(wait_for_endpoint(server), data / "root-key.json")
            except BaseException:
                print(log.read_text(), file=sys.stderr)
                raise
            finally:
                server.terminate()
    print(json.dumps(answer, indent=2))
    print(f"demo: {len(answer['Figures'])} face(s)")


main()
