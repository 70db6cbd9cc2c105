"""What every scene gets: the support package, and the standard error of the binaries when it fails."""

import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

from support import process  # noqa: E402
from support.backend import Backend  # noqa: E402
from support.stack import Stack  # noqa: E402


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    outcome = yield
    report = outcome.get_result()
    if report.failed:
        for one in process.RUNNING:
            report.sections.append((f"standard error of {one.name} ({one.pid})", one.tail()))


@pytest.fixture(scope="session", autouse=True)
def nothing_stays():
    """Whatever a scene forgot is stopped at the end, by its pid."""
    yield
    for one in list(process.RUNNING):
        one.kill()


@pytest.fixture(scope="module")
def stack():
    with Stack() as one:
        yield one


@pytest.fixture(scope="module")
def backend():
    with Backend() as one:
        yield one


@pytest.fixture()
def fresh(backend):
    """The module's back end, echoing again and with nothing received."""
    backend.script = backend.echo
    backend.clear()
    return backend
