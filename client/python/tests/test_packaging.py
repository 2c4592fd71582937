"""The package builds from a checkout, brings its stubs, and leaves the name `polystep` alone."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built in a copy, so that this checkout stays as it is."""
    copy = tmp_path_factory.mktemp("tree")
    ignored = shutil.ignore_patterns("_generated", "*.egg-info", "build", "requirements.txt",
                                     "__pycache__", ".pytest_cache", ".mypy_cache")
    shutil.copytree(ROOT / "client" / "python", copy / "client" / "python", ignore=ignored)
    shutil.copytree(ROOT / "proto", copy / "proto")
    subprocess.run([sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-index",
                    "--no-build-isolation", "--wheel-dir", str(copy / "dist"),
                    str(copy / "client" / "python")], check=True, timeout=240)
    return next((copy / "dist").glob("polystep_client-*.whl"))


def test_wheel_has_stubs_types_and_bounds(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        metadata = archive.read(next(n for n in names if n.endswith("METADATA"))).decode()
    assert "polystep_client/py.typed" in names
    assert "polystep_client/_generated/error_details.bin" in names
    assert "polystep_client/_generated/polystep/v1/study_pb2.pyi" in names
    assert not [n for n in names if n.startswith("polystep/")]
    assert "Requires-Dist: grpcio>=" in metadata and "Requires-Dist: protobuf" in metadata


def test_wheel_is_importable_on_its_own(wheel: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path)
    code = "import polystep_client, sys; print(polystep_client.__file__)"
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True,
                          text=True, check=True, timeout=60, cwd=tmp_path)
    assert done.stdout.startswith(str(tmp_path))
