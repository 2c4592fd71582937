"""Worker processes of one machine. Each is started afresh ("spawn"), so that no gRPC state is
inherited: a channel is opened in the children only after they have begun."""

from __future__ import annotations

import contextlib
import logging
import multiprocessing
import multiprocessing.connection
import os
import pickle
import signal
import threading
import time
import traceback
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from polystep_client.errors import EvaluationError, PolystepError, WorkerDied
from polystep_client.worker import Worker, WorkerOptions

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

    from polystep_client.study import Study

_log = logging.getLogger("polystep_client")
_MOST_DEATHS = 10
_GRACE_S = 15.0


@dataclass
class _Child:
    process: Any
    reports: Connection
    started: bool = False


def run(study: Study, fn: Any, workers: int, options: WorkerOptions) -> None:
    """Evaluates until the study ends. A process that dies is started again, a few times. On an
    exception all processes are ended: politely, so that they give their leases back, then not."""
    blob = _pickled(study, fn)
    base = options.name or _base_name()
    context = multiprocessing.get_context("spawn")
    children: dict[int, _Child] = {}

    def start(number: int) -> None:
        reports, sender = context.Pipe(duplex=False)
        process = context.Process(
            target=_child_main, name=f"polystep-worker-{number}",
            args=(blob, replace(options, name=f"{base}-{number}"), sender))
        process.start()
        sender.close()
        children[number] = _Child(process, reports)

    deaths = 0
    try:
        for number in range(workers):
            start(number)
        while children:
            number, report = _next_report(children)
            if report == "started":
                children[number].started = True
                continue
            child = children.pop(number)
            child.process.join()
            if isinstance(report, BaseException):
                raise report
            if report == "done":
                continue
            deaths += 1
            _check_death(child, deaths)
            start(number)
    finally:
        _end(list(children.values()))


def _pickled(study: Study, fn: Any) -> bytes:
    name = getattr(fn, "__qualname__", repr(fn))
    try:
        return pickle.dumps((study, fn))
    except Exception as error:
        raise TypeError(
            f"{name} cannot be sent to worker processes ({error}). With workers > 1 the function "
            "must be defined at the top level of a module, not be a lambda or be defined inside "
            "another function; or use workers=1") from error


def _base_name() -> str:
    from polystep_client.study import default_worker_name

    return default_worker_name()


def _next_report(children: dict[int, _Child]) -> tuple[int, Any]:
    """Waits for a child to say something: "started", "done" or an exception; None if it died."""
    by_pipe = {child.reports: number for number, child in children.items()}
    ready = multiprocessing.connection.wait(list(by_pipe))[0]
    number = by_pipe[ready]  # type: ignore[index]
    try:
        return number, children[number].reports.recv()
    except EOFError:
        return number, None
    except Exception as error:  # an exception whose class cannot be rebuilt here
        return number, EvaluationError(f"a worker failed, and its report could not be read: {error}")


def _check_death(child: _Child, deaths: int) -> None:
    """Raises if it makes no sense to start the child again."""
    code = child.process.exitcode
    how = f"was ended by signal {-code}" if code < 0 else f"exited with code {code}"
    if not child.started:
        raise WorkerDied(
            f"a worker process {how} before it began. It imports the main module: guard the part "
            "that starts the study with `if __name__ == \"__main__\":`")
    if deaths > _MOST_DEATHS:
        raise WorkerDied(f"{deaths} worker processes died; the last one {how}")
    _log.warning("worker process %d %s; another is started", child.process.pid, how)


def _end(children: list[_Child]) -> None:
    for child in children:
        with contextlib.suppress(OSError):
            child.process.terminate()
    deadline = time.monotonic() + _GRACE_S
    for child in children:
        child.process.join(max(0.0, deadline - time.monotonic()))
        if child.process.exitcode is None:
            child.process.kill()
            child.process.join()
        child.reports.close()


def _child_main(blob: bytes, options: WorkerOptions, reports: Connection) -> None:
    """The whole life of a worker process."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the parent, which ends us
    threading.Thread(target=_end_with_parent, daemon=True).start()
    study, fn = pickle.loads(blob)
    reports.send("started")
    try:
        Worker(study, fn, options).run()
        report: Any = "done"
    except Exception as error:
        report = _portable(error)
    with contextlib.suppress(OSError):
        reports.send(report)
    reports.close()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os.kill(os.getpid(), signal.SIGTERM)


def _portable(error: Exception) -> Exception:
    """The error as something that survives the way to the parent."""
    text = "".join(traceback.format_exception(error))
    if isinstance(error, EvaluationError):
        result: Exception = EvaluationError(f"{error}\n\nin a worker process:\n{text}",
                                            error.candidate)
    elif isinstance(error, PolystepError):
        result = error
    else:
        result = EvaluationError(f"a worker process failed:\n{text}")
    try:
        pickle.loads(pickle.dumps(result))
        return result
    except Exception:
        return EvaluationError(text)
