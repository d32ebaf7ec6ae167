"""The clients as parameters of the tests, and the report of what became of each.

`make conformance` gives `--clients all`. Without it, as in `make test`, only the clients that run in the environment of
the tests take part, so that no other toolchain and no network are needed.
"""

import json
from collections.abc import Callable, Generator, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

# Their assertions are to tell what they saw.
for module in ("bench", "cases_faces", "cases_objects", "cases_refusals", "cases_imm"):
    pytest.register_assert_rewrite(f"tests.conformance.{module}")

from tests.conformance.bench import Bench  # noqa: E402
from tests.conformance.driver import Driver  # noqa: E402
from tests.conformance.selection import CASES, cases_of  # noqa: E402
from tests.conformance.toolchains import ALL, Client, ToolchainMissing  # noqa: E402
from tests.conformance.world import World, open_world  # noqa: E402

FIRST_TEST_S = 600
_OUTCOME = pytest.StashKey[dict[tuple[str, str], dict[str, str]]]()
_VERSIONS = pytest.StashKey[dict[str, str]]()


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("conformance")
    group.addoption("--clients", default="python", help="clients to run, comma-separated; python, or all")
    group.addoption("--all-needed", action="store_true", help="a client whose toolchain is missing is a failure")
    group.addoption("--report", type=Path, help="file for the results")


def chosen(config: pytest.Config) -> list[Client]:
    """Pick the clients that were asked for. The options are unknown when the tests are run from further up."""
    names = config.getoption("--clients", "python")
    if names == "all":
        return list(ALL)
    return [client for client in ALL if (client.python if names == "python" else client.name in names.split(","))]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if {"client", "case"} <= set(metafunc.fixturenames):
        pairs = [(client, case) for client in chosen(metafunc.config) for case in cases_of(client)]
        ids = [f"{client.name}-{case}" for client, case in pairs]
        metafunc.parametrize(("client", "case"), pairs, ids=ids)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what is about a client that was not asked for, or needs more than the environment of the tests."""
    names = {client.name for client in chosen(config)}
    bare = config.getoption("--clients", "python") == "python"
    marks = {item: item.get_closest_marker("conformance") for item in items}
    others = [
        item
        for item, mark in marks.items()
        if mark and (mark.args[0] not in names or (bare and "needs" in mark.kwargs))
    ]
    config.hook.pytest_deselected(items=others)
    for item in items:
        # The first test of a client starts the servers, and may build the client.
        if "world" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.timeout(FIRST_TEST_S))
    items[:] = [item for item in items if item not in others]


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """The two servers of the run."""
    with open_world(tmp_path_factory.mktemp("world")) as made:
        yield made


@pytest.fixture(scope="session")
def start(
    world: World, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[Client], Driver]]:
    """Starts the driver of a client, once for all its cases."""
    running: dict[str, Driver] = {}

    def started(client: Client) -> Driver:
        if client.name not in running:
            driver = Driver(client.build(), tmp_path_factory.mktemp(client.name), {"TZ": "UTC"})
            running[client.name] = driver
            request.config.stash[_VERSIONS][client.name] = driver.ask("version", world.connect)["version"]
        return running[client.name]

    yield started
    for driver in running.values():
        driver.stop()


@pytest.fixture
def needed(request: pytest.FixtureRequest) -> Callable[[Callable[[], Any]], Any]:
    """Does what needs a toolchain; a missing one ends the test as NA, or as a failure where all are needed."""

    def done(build: Callable[[], Any]) -> Any:
        try:
            return build()
        except ToolchainMissing as exc:
            all_needed = request.config.getoption("--all-needed", default=False)
            # PHP and its Composer are nowhere taken for granted; its requests are replayed.
            taken_for_granted = str(exc) not in ("needs php", "needs composer")
            (pytest.fail if all_needed and taken_for_granted else pytest.skip)(str(exc))

    return done


@pytest.fixture
def bench(
    client: Client,
    start: Callable[[Client], Driver],
    needed: Callable[[Callable[[], Any]], Any],
    world: World,
    tmp_path: Path,
) -> Bench:
    """One client, ready for one case."""
    return Bench(client, needed(partial(start, client)), world, tmp_path)


# --- the report ---------------------------------------------------------------------------------------------------


def pytest_configure(config: pytest.Config) -> None:
    config.stash[_OUTCOME] = {}
    config.stash[_VERSIONS] = {}


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Function, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Note PASS, FAIL or NA for each client's case, and for each test that carries the mark `conformance`."""
    report = yield
    parameters = getattr(getattr(item, "callspec", None), "params", {})
    mark = item.get_closest_marker("conformance")
    if {"client", "case"} <= set(parameters):
        row, claim = (parameters["client"].name, parameters["case"]), CASES[parameters["case"]].__doc__
    elif mark:
        row, claim = mark.args, item.function.__doc__
    else:
        return report
    if report.when == "call" or report.outcome != "passed":
        result = {"passed": "PASS", "failed": "FAIL", "skipped": "NA"}[report.outcome]
        detail = "" if call.excinfo is None else str(call.excinfo.value).strip().partition("\n")[0]
        found = {"result": result, "detail": detail, "claim": claim.partition("\n")[0]}
        item.config.stash[_OUTCOME].setdefault(row, found)
    return report


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Write the report, in the order of the clients."""
    file = session.config.getoption("--report", default=None)
    if file is None:
        return
    versions, order = session.config.stash[_VERSIONS], [client.name for client in ALL]
    packages = {client.name: client.package for client in ALL}
    outcome = sorted(session.config.stash[_OUTCOME].items(), key=lambda entry: order.index(entry[0][0]))
    rows = [
        {"client": name, "package": packages[name], "version": versions.get(name, ""), "operation": case, **found}
        for (name, case), found in outcome
    ]
    file.write_text(json.dumps(rows, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
