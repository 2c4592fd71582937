"""Where results are kept: FOLDER/KEY.BUILD.json, a file per finished run, written whole. An
interrupted bench goes on with the runs that have none."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from plan import Job


class Store:
    """Results by job and build of the programs they depend on."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path(self, job: Job, build: str) -> Path:
        return self.folder / f"{job.key}.{build}.json"

    def load(self, job: Job, build: str) -> dict[str, Any] | None:
        path = self.path(job, build)
        return json.loads(path.read_text())["result"] if path.exists() else None

    def add(self, job: Job, build: str, result: dict[str, Any]) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        path = self.path(job, build)
        part = path.with_suffix(".part")
        part.write_text(json.dumps({"job": vars(job), "build": build, "result": result}) + "\n")
        part.replace(path)
