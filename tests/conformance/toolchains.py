"""The clients of the conformance run: what each one needs, how its driver is built and started.

What is built lies in `build/conformance/`, one folder for each state of a driver's files, so that a second run builds
nothing and needs no network.
"""

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

ROOT = Path(__file__).parents[2]
CLIENTS = Path(__file__).parent / "clients"
BUILD_S = 400


class ToolchainMissing(Exception):  # noqa: N818  not an error: this machine lacks a program
    """A program that the client needs is not on this machine."""


@dataclass(frozen=True)
class Client:
    """One official client.

    Attributes:
        package: name in its registry.
        build: makes what is needed and gives the command that starts the driver.
        python: whether it runs in the environment of the tests, without another toolchain.
    """

    name: str
    package: str
    build: Callable[[], Sequence[str]]
    python: bool = False


def _python(module: str) -> Callable[[], Sequence[str]]:
    return lambda: (sys.executable, "-m", f"tests.conformance.clients.{module}")


def need(*programs: str) -> str:
    """Find the first of these programs.

    Raises:
        ToolchainMissing: none of them is there.
    """
    for program in programs:
        if found := shutil.which(program):
            return found
    raise ToolchainMissing(f"needs {programs[0]}")


def built(folder: str, make: Callable[[Path], object]) -> Path:
    """Give the built copy of a driver's folder, made by `make` when its files have changed."""
    source = CLIENTS / folder
    files = sorted(path for path in source.rglob("*") if path.is_file())
    digest = hashlib.sha256(b"".join(str(path.relative_to(source)).encode() + path.read_bytes() for path in files))
    target = ROOT / "build" / "conformance" / f"{folder}-{digest.hexdigest()[:16]}"
    if not (target / ".ready").exists():
        shutil.rmtree(target, ignore_errors=True)
        shutil.copytree(source, target)
        make(target)
        (target / ".ready").touch()
    return target


def run(command: Sequence[str], folder: Path, **environment: str) -> str:
    """Run one step of a build and give what it printed."""
    done = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, check=False, timeout=BUILD_S, env=os.environ | environment
    )
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def build_java() -> Sequence[str]:
    """Compile the driver and lay its libraries beside it."""
    java, maven = need("java"), need("mvn")
    goals = ("compile", "dependency:copy-dependencies", "-DoutputDirectory=target/lib", "-DincludeScope=runtime")
    folder = built("java", partial(run, (maven, "-q", "-B", *goals)))
    classes = f"{folder}/target/classes{os.pathsep}{folder}/target/lib/*"
    return (java, "-XX:TieredStopAtLevel=1", "-cp", classes, "Driver")


def find_go() -> Sequence[str]:
    """Find the Go command, also where its installer puts it."""
    return (need("go", "/usr/local/go/bin/go"),)


def go_build(folder: Path, *what: str) -> None:
    """Compile the program of a folder to `driver` there, with the compiler that is installed and the locked modules."""
    run((*find_go(), "build", "-o", "driver", *what), folder, GOTOOLCHAIN="local", GOFLAGS="-mod=readonly")


def _build_go(name: str) -> Callable[[], Sequence[str]]:
    def build() -> Sequence[str]:
        find_go()
        return (str(built(name, go_build) / "driver"),)

    return build


def build_node() -> Sequence[str]:
    """Install the locked packages."""
    node, npm = need("node"), need("npm")
    install = (npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund")
    return (node, str(built("node", partial(run, install)) / "driver.js"))


def build_php() -> Sequence[str]:
    """Install the packages of the PHP program; there is no driver in PHP."""
    php, composer = need("php"), need("composer")
    install = (composer, "install", "--no-interaction", "--no-progress", "--no-scripts")
    return (php, str(built("php", partial(run, install))))


def build_curl() -> Sequence[str]:
    """Start the driver that makes URLs with one SDK and hands them to curl."""
    return (*_python("curl")(), need("curl"))


ALL = (
    Client("oss2", "oss2", _python("python_oss2"), python=True),
    Client("python-v2", "alibabacloud-oss-v2", _python("python_oss_v2"), python=True),
    Client("imm", "alibabacloud_imm20200930", _python("python_imm"), python=True),
    Client("java", "com.aliyun.oss:aliyun-sdk-oss", build_java),
    Client("go-v1", "github.com/aliyun/aliyun-oss-go-sdk", _build_go("go_v1")),
    Client("go-v2", "github.com/aliyun/alibabacloud-oss-go-sdk-v2", _build_go("go_v2")),
    Client("node", "ali-oss", build_node),
    Client("php", "aliyuncs/oss-sdk-php", _python("php_requests"), python=True),
    Client("curl", "curl", build_curl),
)
