"""That the bench's environment has what our client imports."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
CLIENT = HERE.parents[2] / "client/python/src/polystep_client"
# Packages by what they are imported as, where names differ. grpcio-tools brings both of these.
PACKAGES = {"grpc": "grpcio-tools", "google": "grpcio-tools"}


def _imports(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            names.add(node.module.split(".")[0])
    return names - set(sys.stdlib_module_names) - {"polystep_client", "polystep"}


def test_requirements_have_what_the_client_imports() -> None:
    listed = {line.split("==")[0] for line in (HERE / "requirements.txt").read_text().splitlines()}
    for path in sorted(CLIENT.glob("*.py")):
        for name in _imports(path):
            assert PACKAGES.get(name, name) in listed, f"{path.name} imports {name}"
