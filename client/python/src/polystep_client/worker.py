"""A worker: asks for leases, calls the user's function on their candidates, tells the losses."""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, SupportsFloat, Union

from polystep_client._generated.polystep.v1 import evaluation_service_pb2
from polystep_client._heartbeat import Heartbeat
from polystep_client._slot import Session, Slot
from polystep_client.errors import PolystepError
from polystep_client.lease import Candidate

if TYPE_CHECKING:
    from polystep_client.study import Study

_log = logging.getLogger("polystep_client")
_GRACE_S = 5.0

LossFunction = Callable[[Candidate], Union[SupportsFloat, "tuple[SupportsFloat, SupportsFloat]"]]
OnError = Literal["raise", "infeasible", "transient"]


class Terminated(BaseException):
    """SIGTERM arrived: raised in the main thread, so that the function in progress ends."""


@dataclass(frozen=True)
class WorkerOptions:
    """How a worker behaves; see Worker."""

    slots: int = 1
    name: str | None = None
    max_lease: int = 0
    on_error: OnError = "raise"
    retry_for: float = 600.0
    wait_while_paused: bool = True
    labels: Mapping[str, str] = field(default_factory=dict)


class Worker:
    """Evaluates a function for a study, in `slots` threads of this process (more than one pays for
    functions that wait or release the GIL).

    The function gets a Candidate, a dictionary of the parameters, and returns a number, or a tuple
    of the loss and by how much the candidate violates constraints (0: not at all). It raises
    Infeasible for a candidate that is no solution, Transient for a failure that may not happen
    again. Any other exception ends the worker with an EvaluationError, or counts as one of the two
    if `on_error` says so. A NaN or infinity counts as infeasible, unless the study says otherwise.

    `retry_for` is for how many seconds it waits for a server that does not answer; `max_lease`
    bounds the evaluations of a lease (0: the server sizes leases by measured speed). The worker of
    Study("-") takes work of any study, or of those that have all of `labels`, and does not end by
    itself; the name of a candidate's study is its `study`.
    On SIGTERM and Ctrl-C it tells what is known and gives the rest of its leases back."""

    def __init__(self, study: Study, fn: LossFunction, options: WorkerOptions) -> None:
        if options.slots < 1:
            raise ValueError(f"slots is {options.slots}: it must be at least 1")
        if options.on_error not in ("raise", "infeasible", "transient"):
            raise ValueError(f"on_error is {options.on_error!r}: it must be 'raise', 'infeasible' "
                             "or 'transient'")
        self._study = study
        self._fn = fn
        self._options = options
        self._lock = threading.Lock()
        self._stopped = False
        self._slots: list[Slot] = []

    def stop(self) -> None:
        """Makes run() return after the evaluations in progress. From any thread."""
        with self._lock:
            self._stopped = True
            slots = list(self._slots)
        for slot in slots:
            slot.stop()

    def run(self) -> None:
        """Evaluates until the study ends, waiting while it is paused; or until stop()."""
        from polystep_client.study import default_worker_name

        name = self._options.name or default_worker_name()
        session = Session(
            study=self._study, fn=self._fn, options=self._options,
            heartbeat=Heartbeat(self._study.client, self._options.retry_for))
        count = self._options.slots
        with self._lock:
            self._slots = [Slot(session, name if count == 1 else f"{name}/{k}")
                           for k in range(count)]
            stopped = self._stopped
        if stopped:
            return
        with _sigterm_raises():
            try:
                if count == 1:
                    self._slots[0].run()
                else:
                    self._run_threads(session)
            finally:
                session.heartbeat.close()

    def _run_threads(self, session: Session) -> None:
        ended = threading.Semaphore(0)
        failures: list[BaseException] = []

        def run(slot: Slot) -> None:
            try:
                slot.run()
            except BaseException as error:
                failures.append(error)
            finally:
                ended.release()

        # Daemons: a function that hangs does not keep an interrupted process from ending.
        threads = [threading.Thread(target=run, args=(slot,), daemon=True) for slot in self._slots]
        for thread in threads:
            thread.start()
        try:
            for _ in threads:
                ended.acquire()
                if failures:
                    raise failures[0]
        finally:
            self._end_threads(threads, session)

    def _end_threads(self, threads: list[threading.Thread], session: Session) -> None:
        for slot in self._slots:
            slot.stop()
        deadline = time.monotonic() + _GRACE_S
        for thread in threads:
            thread.join(max(0.0, deadline - time.monotonic()))
        for study, tokens in session.heartbeat.tokens().items():  # of functions still running
            with contextlib.suppress(PolystepError):
                self._study.client.call("Release", evaluation_service_pb2.ReleaseRequest(
                    study=study, tokens=tokens), timeout=_GRACE_S, retry_for=0.0)


@contextlib.contextmanager
def _sigterm_raises() -> Iterator[None]:
    """In the main thread: SIGTERM raises Terminated once, and afterwards does what it did before."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    received = False

    def handle(signum: int, frame: Any) -> None:
        nonlocal received
        if not received:
            received = True
            raise Terminated

    before = signal.signal(signal.SIGTERM, handle)
    try:
        yield
    except Terminated:
        _log.info("terminated: leases were given back")
    finally:
        signal.signal(signal.SIGTERM, before if before is not None else signal.SIG_DFL)
        if received:
            os.kill(os.getpid(), signal.SIGTERM)
