"""The build backend: setuptools, after the stubs were generated (make_stubs.py).

In a checkout the .proto files are at ../../proto and the stubs are generated anew by every build,
also by an editable one. A source distribution carries the generated stubs instead.
"""

from __future__ import annotations

from typing import Any

from setuptools import build_meta
from setuptools.build_meta import (get_requires_for_build_editable, get_requires_for_build_sdist,
                                   get_requires_for_build_wheel)

import make_stubs

__all__ = ["build_editable", "build_sdist", "build_wheel", "get_requires_for_build_editable",
           "get_requires_for_build_sdist", "get_requires_for_build_wheel",
           "prepare_metadata_for_build_editable", "prepare_metadata_for_build_wheel"]


def _with_stubs(hook: Any) -> Any:
    def run(*arguments: Any, **options: Any) -> Any:
        if (make_stubs.PROTO / "polystep" / "v1").is_dir():
            make_stubs.main([])
        return hook(*arguments, **options)

    return run


prepare_metadata_for_build_wheel = _with_stubs(build_meta.prepare_metadata_for_build_wheel)
prepare_metadata_for_build_editable = _with_stubs(build_meta.prepare_metadata_for_build_editable)
build_wheel = _with_stubs(build_meta.build_wheel)
build_editable = _with_stubs(build_meta.build_editable)
build_sdist = _with_stubs(build_meta.build_sdist)
