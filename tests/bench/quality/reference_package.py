"""Installs the reference implementation where it is wanted: it comes with several gigabytes of torch,
so only a bench that has its column asks for it."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

_REQUIREMENTS = Path(__file__).with_name("requirements-reference.txt")


def is_installed() -> bool:
    return all(importlib.util.find_spec(name) for name in ("torch", "polystep"))


def ensure() -> bool:
    """Installs it if it is not there. False, with a message, if POLYSTEP_QUALITY_REFERENCE=0 forbids
    that or it fails."""
    if is_installed():
        return True
    if os.environ.get("POLYSTEP_QUALITY_REFERENCE", "1") == "0":
        print("quality: no column `reference`: POLYSTEP_QUALITY_REFERENCE=0", file=sys.stderr)
        return False
    print("quality: installing the reference (3 GB; POLYSTEP_QUALITY_REFERENCE=0 does without)",
          file=sys.stderr)
    done = subprocess.run([sys.executable, "-m", "pip", "install", "--quiet",
                           "--disable-pip-version-check", "-r", str(_REQUIREMENTS)], check=False)
    if done.returncode != 0:
        print("quality: it could not be installed; no column `reference`", file=sys.stderr)
    return done.returncode == 0
