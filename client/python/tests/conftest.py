"""A real server per test: started on a free port with a folder of its own, and gone afterwards."""

from __future__ import annotations

import multiprocessing
import os
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from polystep_client import Client, LocalServer


def _binary() -> str:
    folder = os.environ.get("POLYSTEP_BIN")
    if folder is None:
        folder = str(Path(__file__).resolve().parents[3] / "build" / "bin")
    return os.path.join(folder, "polystepd")


@pytest.fixture(scope="session")
def polystepd() -> str:
    path = _binary()
    if not os.access(path, os.X_OK):
        pytest.fail(f"{path} is not there: build polystepd, or point POLYSTEP_BIN to its folder")
    return path


@pytest.fixture(scope="session")
def shared_server(polystepd: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a server that nobody kills."""
    with LocalServer(tmp_path_factory.mktemp("shared"), binary=polystepd) as server:
        yield server.target
        assert server.stop() == 0


@pytest.fixture
def client(shared_server: str) -> Iterator[Client]:
    with Client(shared_server) as client:
        yield client


@pytest.fixture
def own_server(polystepd: str, tmp_path: Path) -> Iterator[LocalServer]:
    """A server that the test may kill and start again on the same address and data."""
    with LocalServer(tmp_path / "data", binary=polystepd) as server:
        yield server
        assert server.stop() == 0


@pytest.fixture
def name() -> str:
    """A study's name that no other test uses."""
    return f"t-{uuid.uuid4().hex[:12]}"


@pytest.fixture(autouse=True)
def no_child_is_left() -> Iterator[None]:
    """Worker processes end with the call that started them."""
    yield
    assert multiprocessing.active_children() == []
