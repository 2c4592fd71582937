"""The service under test: a polystepd of the bench's own, on a free port with a fresh folder."""

from __future__ import annotations

import hashlib
from pathlib import Path

from polystep_client.local import LocalServer


def build_id(binary: Path) -> str:
    """Names the build that results belong to: the program's hash. Every change of the program starts
    new result files, as nobody can tell from outside whether it changed a trajectory."""
    return hashlib.sha256(binary.read_bytes()).hexdigest()[:12]


def start(binary: Path) -> LocalServer:
    """A context manager; `target` is the address. The studies are gone when it ends."""
    return LocalServer(binary=binary)
