"""The Java, Go and PHP programs of the product page, run as they are printed.

Nothing is changed but the endpoint and the bucket; the key comes by the environment variables that the page names. The
Python program stands in `test_oss2_product_page.py`. The page's text lies beside the project and is not part of it.
"""

import os
import re
import shutil
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from tests.conformance.bench import one_face
from tests.conformance.toolchains import CLIENTS, build_java, build_php, find_go, go_build
from tests.conformance.world import BUCKET, World

pytestmark = pytest.mark.shared
ENDPOINT, PAGE_BUCKET = "https://oss-cn-hangzhou.aliyuncs.com", "examplebucket"
PROGRAM_S = 60
Needed = Callable[[Callable[[], Sequence[str]]], Sequence[str]]


def program(shared: Path, begin: str, end: str, world: World) -> str:
    """Cut a program out of the page and point it at the server."""
    page = (shared / "source" / "image-faces.zh-TW.txt").read_text(encoding="utf-8")
    found = page.split(begin, 1)[1].split(end, 1)[0]
    code = re.sub(r"^\s*(//|#).*$", "", found, flags=re.MULTILINE)
    assert (code.count(ENDPOINT), code.count(PAGE_BUCKET)) == (1, 1)
    return found.replace(ENDPOINT, world.server.endpoint).replace(PAGE_BUCKET, BUCKET)


def output(command: Sequence[str], folder: Path, world: World) -> str:
    """Run the program as its page says, and give what it prints."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("OSS_")}
    key = {"OSS_ACCESS_KEY_ID": world.server.access_key_id, "OSS_ACCESS_KEY_SECRET": world.server.access_key_secret}
    done = subprocess.run(
        command, cwd=folder, env=clean | key, capture_output=True, text=True, check=False, timeout=PROGRAM_S
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.conformance("java", "product_page")
def test_java_program(shared: Path, world: World, tmp_path: Path, needed: Needed) -> None:
    """The product page's own program for this SDK prints the faces."""
    source = program(shared, "要求使用3.17.4及以上版本的Java SDK。\n", "Python\n要求", world)
    (tmp_path / "Demo1.java").write_text(source, encoding="utf-8")
    java, *classes = needed(build_java)[:-1]
    title, _, document = output((java, *classes, "Demo1.java"), tmp_path, world).partition("\n")
    assert title == "Image Faces:"
    one_face(document.encode())


@pytest.mark.conformance("go-v1", "product_page")
def test_go_program(shared: Path, world: World, tmp_path: Path, needed: Needed) -> None:
    """The product page's own program for this SDK prints the faces."""
    needed(find_go)
    for name in ("go.mod", "go.sum"):
        shutil.copy(CLIENTS / "go_v1" / name, tmp_path)
    source = program(shared, "要求使用Go SDK 3.0.2及以上版本。\n", "PHP\n要求", world)
    (tmp_path / "main.go").write_text(source, encoding="utf-8")
    go_build(tmp_path)
    one_face(output(("./driver",), tmp_path, world).removeprefix("data: ").encode())


@pytest.mark.conformance("php", "product_page", needs="composer")
def test_php_program(shared: Path, world: World, tmp_path: Path, needed: Needed) -> None:
    """The product page's own program for this SDK prints the faces."""
    php, packages = needed(build_php)
    shutil.copytree(packages, tmp_path / "project")
    (tmp_path / "project" / "samples").mkdir()
    script = tmp_path / "project" / "samples" / "program.php"
    script.write_text(program(shared, "要求使用PHP SDK 2.7.0及以上版本。\n", "參數說明", world), encoding="utf-8")
    shown = re.fullmatch(r'string\(\d+\) "(.*)"\s*', output((php, str(script)), tmp_path, world), re.DOTALL)
    assert shown
    one_face(shown[1].encode())
