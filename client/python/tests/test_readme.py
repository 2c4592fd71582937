"""Every Python example of the README runs, in order, as one script."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

README = Path(__file__).resolve().parents[1] / "README.md"
QUICKSTART = README.parents[1] / "examples" / "python_quickstart" / "main.py"


def run(script: Path, server: str, polystepd: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "POLYSTEP_SERVER": server, "POLYSTEPD": polystepd,
                   "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    done = subprocess.run([sys.executable, str(script)], env=environment, capture_output=True,
                          text=True, timeout=240)
    assert done.returncode == 0, done.stderr
    return done


def as_script(blocks: list[str]) -> str:
    """Blocks after the first run under a guard: worker processes import the script."""
    first, *rest = blocks
    body = "\n".join(rest)
    return first + "\nif __name__ == \"__main__\":\n" + re.sub(r"^(?=.)", "    ", body,
                                                               flags=re.MULTILINE)


def test_readme_examples_run(own_server, polystepd: str, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    blocks = re.findall(r"^```python\n(.*?)^```", README.read_text(), re.MULTILINE | re.DOTALL)
    assert len(blocks) >= 6
    script = tmp_path / "readme.py"
    script.write_text(as_script(blocks))
    output = run(script, own_server.target, polystepd).stdout
    assert "SUCCEEDED" in output


def test_quickstart_example_runs(own_server, polystepd: str) -> None:  # type: ignore[no-untyped-def]
    assert "best loss" in run(QUICKSTART, own_server.target, polystepd).stdout


def test_front_page_example_runs(own_server, polystepd: str, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    front_page = README.parents[2] / "README.md"
    blocks = re.findall(r"^```python\n(.*?)^```", front_page.read_text(), re.MULTILINE | re.DOTALL)
    assert len(blocks) == 1
    script = tmp_path / "front_page.py"
    script.write_text(blocks[0].replace("127.0.0.1:50051", own_server.target))
    assert "'n': 5" in run(script, own_server.target, polystepd).stdout
