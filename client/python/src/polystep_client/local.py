"""A server of one's own: for scripts on one machine that do not want to know about servers."""

from __future__ import annotations

import contextlib
import os
import queue
import shutil
import subprocess
import tempfile
import threading
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any

from polystep_client.client import Client
from polystep_client.errors import PolystepError
from polystep_client.records import Solution
from polystep_client.space import Domain
from polystep_client.study import Study
from polystep_client.worker import LossFunction

_LISTENING = "polystepd listening on "
_START_S = 60.0
_STOP_S = 30.0


class LocalServer:
    """Runs polystepd on a free port of the loopback interface: a context manager.

    `data` is the folder of its store; without one the studies are gone afterwards. The program is
    `binary`, or POLYSTEPD of the environment, or polystepd on PATH; FileNotFoundError without."""

    def __init__(self, data: str | os.PathLike[str] | None = None, *,
                 binary: str | os.PathLike[str] | None = None) -> None:
        self._binary = find_polystepd(binary)
        self._data = data
        self._scratch: tempfile.TemporaryDirectory[str] | None = None
        self._process: subprocess.Popen[str] | None = None
        self.target = ""

    def __enter__(self) -> LocalServer:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def pid(self) -> int:
        if self._process is None:
            raise PolystepError("the server is not running")
        return self._process.pid

    def start(self) -> None:
        """Starts it and waits until it serves. Raises PolystepError with its output if it ends."""
        data = self._data
        if data is None:
            self._scratch = tempfile.TemporaryDirectory(prefix="polystep-")
            data = self._scratch.name
        self._process = subprocess.Popen(
            [self._binary, "--listen", self.target or "127.0.0.1:0", "--data", os.fspath(data)],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            # Ctrl-C is for the script, which stops the server when the workers have ended.
            start_new_session=True)
        assert self._process.stdout is not None
        address: queue.Queue[str] = queue.Queue()
        threading.Thread(target=_read_output, args=(self._process.stdout, address),
                         daemon=True).start()
        try:
            line = address.get(timeout=_START_S)
        except queue.Empty:
            line = f"it said nothing for {_START_S:.0f} s"
        if not line.startswith(_LISTENING):
            self.stop()
            raise PolystepError(f"{self._binary} did not start: {line}")
        self.target = line.removeprefix(_LISTENING).strip()

    def stop(self) -> int:
        """Ends it: it makes everything durable first. Returns its exit code, 0 if it is not
        running."""
        process, self._process = self._process, None
        code = 0
        if process is not None:
            process.terminate()
            try:
                code = process.wait(_STOP_S)
            except subprocess.TimeoutExpired:
                process.kill()
                code = process.wait()
        if self._scratch is not None:
            self._scratch.cleanup()
            self._scratch = None
        return code

    def kill(self) -> None:
        """Ends it without warning, as a power cut would; start() serves the same address again."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.wait()


def _read_output(output: IO[str], address: queue.Queue[str]) -> None:
    """Reports the line with the address, or all output if it ends without; then reads on, so that
    the server never waits for a full pipe."""
    seen = []
    with output, contextlib.suppress(ValueError):
        for line in output:
            if line.startswith(_LISTENING):
                address.put(line)
                break
            seen.append(line)
        else:
            address.put("".join(seen[-20:]) or "it ended without a word")
        for _ in output:
            pass


def find_polystepd(binary: str | os.PathLike[str] | None = None) -> str:
    """Where the server's program is. Raises FileNotFoundError."""
    wanted = os.fspath(binary) if binary else os.environ.get("POLYSTEPD", "polystepd")
    found = shutil.which(wanted)
    if found is None:
        raise FileNotFoundError(f"{wanted}: no such program; install polystepd, put it on PATH or "
                                "set POLYSTEPD to its path")
    return found


def minimize(fn: LossFunction, parameters: Mapping[str, Domain], *, workers: int = 1,
             data: str | os.PathLike[str] | None = None, name: str | None = None,
             server: str | Client | None = None, **limits: Any) -> Solution:
    """Minimises `fn` on a server started for it, or on `server`. `limits` are those of
    Study.create, one of them at least: max_evaluations, target_loss, ...

    With `data` and `name` an interrupted call goes on where it was when it is made again."""
    return _solve("minimize", fn, parameters, workers, data, name, server, limits)


def maximize(fn: LossFunction, parameters: Mapping[str, Domain], *, workers: int = 1,
             data: str | os.PathLike[str] | None = None, name: str | None = None,
             server: str | Client | None = None, **limits: Any) -> Solution:
    """minimize() for a function that is to become large."""
    return _solve("maximize", fn, parameters, workers, data, name, server, limits)


def _solve(goal: Any, fn: LossFunction, parameters: Mapping[str, Domain], workers: int, data: Any,
           name: str | None, server: str | Client | None, limits: dict[str, Any]) -> Solution:
    stops = {"max_evaluations", "max_steps", "max_time", "target_loss", "patience_steps"}
    if not any(limits.get(stop) is not None for stop in stops):
        raise ValueError(f"without a limit it would never return: give one of {sorted(stops)}")
    with contextlib.ExitStack() as stack:
        if server is None:
            if data is not None:
                Path(data).mkdir(parents=True, exist_ok=True)
            server = stack.enter_context(LocalServer(data)).target
        client = server if isinstance(server, Client) else stack.enter_context(Client(server))
        study = Study.create(name or f"local-{uuid.uuid4().hex[:12]}", parameters, goal=goal,
                             server=client, **limits)
        best = (study.minimize if goal == "minimize" else study.maximize)(fn, workers)
        if best is None:
            raise PolystepError("no evaluation gave a loss")
        return best
