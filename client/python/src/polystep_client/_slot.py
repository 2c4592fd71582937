"""One evaluation at a time: a slot asks for a lease, evaluates it and tells, and fetches the next
lease while the end of this one is evaluated, so that the function does not wait for the network.

A slot runs in one thread. Its calls run in threads of its own, because a poll for work may last
while tells have to go out.
"""

from __future__ import annotations

import contextlib
import logging
import threading
import time
import uuid
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from polystep_client._block import CenterGone
from polystep_client._generated.polystep.v1 import evaluation_service_pb2
from polystep_client._heartbeat import Heartbeat, add_ranges
from polystep_client._outcomes import Outcome, answer, slices
from polystep_client._spec import duration
from polystep_client.client import Cancellation, Cancelled
from polystep_client.errors import (EvaluationError, Infeasible, LeaseFenced, PolystepError,
                                    StudyNotFound, StudyPaused, Transient)
from polystep_client.lease import Candidate, Lease
from polystep_client.records import ANY_STUDY, ENDED, state_name

if TYPE_CHECKING:
    from polystep_client.study import Study

_log = logging.getLogger("polystep_client")
_POLL_S = 20.0
_CALL_S = 30.0
_LEAD_CALLS = 4         # calls' time before the end of a lease the next one is asked for,
_SHORTEST_LEAD_S = 0.005  # within these bounds: what is held unstarted, others cannot evaluate
_LONGEST_LEAD_S = 1.0
_IDLE_HOLD_S = 1.0      # a lease asked for in advance is kept unstarted this long
_TELL_EVERY_S = 2.0     # results are durable at the latest after this and one evaluation
_TELL_EVERY = 4096      # results; bounds the size of a tell
_TELLS_IN_FLIGHT = 2
_GRACE_S = 5.0          # for each call on the way out


class _Stopped(Exception):
    """stop() was called."""


@dataclass(frozen=True)
class Session:
    """What the slots of a worker share."""

    study: Study
    fn: Any
    options: Any
    heartbeat: Heartbeat

    def outcome(self, candidate: Candidate) -> Outcome:
        """Calls the function. Raises EvaluationError for what it has no business to do."""
        try:
            value = self.fn(candidate)
        except (Infeasible, Transient) as failure:
            return failure.with_traceback(None)
        except Exception as error:
            if self.options.on_error == "infeasible":
                return Infeasible(f"{type(error).__name__}: {error}")
            if self.options.on_error == "transient":
                return Transient(f"{type(error).__name__}: {error}")
            raise EvaluationError(f"{type(error).__name__}: {error} (with {dict(candidate)})",
                                  dict(candidate)) from error
        try:
            return answer(value)
        except (TypeError, ValueError) as error:
            raise EvaluationError(f"the function returned {value!r}, which is neither a number nor "
                                  f"a loss with its violation (with {dict(candidate)})",
                                  dict(candidate)) from error


@dataclass
class _Work:
    """A lease and what is known of it."""

    lease: Lease
    not_needed: set[int]
    outcomes: dict[int, Outcome] = field(default_factory=dict)
    unsent: dict[int, Outcome] = field(default_factory=dict)
    told_at: float = field(default_factory=time.monotonic)
    fenced: bool = False
    taken: bool = False  # by the evaluating thread, or by the timer that gives it back
    idle: threading.Timer | None = None


@dataclass
class _Asking:
    """A poll for the next lease that is under way, and the tell that carries it, if one does."""

    request: evaluation_service_pb2.AskRequest
    tell: evaluation_service_pb2.TellRequest | None
    cancellation: Cancellation
    answer: Future[tuple[Any, _Work | None]]


class Slot:
    """Evaluates lease after lease until the study ends. run() is called once; stop() from any
    thread."""

    def __init__(self, session: Session, worker: str) -> None:
        self._session = session
        self._study = session.study
        self._worker = worker
        self._stop = threading.Event()
        self._asking: _Asking | None = None
        self._work: _Work | None = None
        self._tells: deque[Future[Any]] = deque()
        self._telling = Cancellation()  # of the tells that carry no ask
        self._seconds: float | None = None  # of one evaluation, smoothed
        self._call_seconds = 0.05  # of a tell, smoothed
        self._taking = threading.Lock()
        self._calls = ThreadPoolExecutor(_TELLS_IN_FLIGHT + 2, "polystep-calls")

    def stop(self) -> None:
        self._stop.set()
        asking = self._asking
        if asking is not None:
            asking.cancellation.cancel()

    def run(self) -> None:
        ended = False
        try:
            while (work := self._next_work()) is not None:
                self._work = work
                self._evaluate(work)
                self._work = None
            while self._tells:
                self._tells.popleft().result()
            ended = True
        except (_Stopped, Cancelled):
            pass
        finally:
            if not ended:
                with contextlib.suppress(PolystepError):
                    self._abandon()
            self._calls.shutdown(wait=True)

    def _next_work(self) -> _Work | None:
        """The next lease; None when the study has ended."""
        while True:
            if self._stop.is_set():
                raise _Stopped
            if self._asking is None:
                self._ask(None)
            assert self._asking is not None
            answer, work = self._asking.answer.result()
            self._asking = None
            if work is not None:
                if self._take(work):
                    return work
                continue
            state = state_name(answer.study_state)
            if state in ENDED:
                return None
            if state == "PAUSED" and not self._session.options.wait_while_paused:
                info = self._study.info()
                if info.state == "PAUSED":
                    raise StudyPaused(f"{info.name} is paused: {info.state_reason}")
            self._stop.wait(answer.retry_delay.seconds + answer.retry_delay.nanos * 1e-9)

    def _take(self, work: _Work) -> bool:
        """False: it was given back meanwhile, or is about to be."""
        with self._taking:
            first = not work.taken
            work.taken = True
        if first and work.idle is not None:
            work.idle.cancel()
        return first

    def _give_back(self, work: _Work) -> None:
        """Of a lease nobody has started for too long: what runs before it takes longer than it
        did, and others may be waiting at the end of the step."""
        if self._take(work):
            self._session.heartbeat.drop(work.lease.token)
            self._last_call("Release", evaluation_service_pb2.ReleaseRequest(
                study=work.lease.study, tokens=[work.lease.token]))

    def _evaluate(self, work: _Work) -> None:
        lease = work.lease
        for position in range(len(lease)):
            if self._stop.is_set():
                raise _Stopped
            if work.fenced:
                break
            if lease.first_index + position in work.not_needed:
                continue
            if self._asking is None and self._seconds_left(len(lease) - position) < self._lead():
                self._ask(work if work.unsent else None)
            begin = time.monotonic()
            outcome = self._session.outcome(lease[position])
            now = time.monotonic()
            work.outcomes[position] = work.unsent[position] = outcome
            self._seconds = (now - begin if self._seconds is None
                             else 0.8 * self._seconds + 0.2 * (now - begin))
            if now - work.told_at > _TELL_EVERY_S or len(work.unsent) >= _TELL_EVERY:
                self._tell(work)
        if self._asking is None:
            self._ask(work if work.unsent else None)
        else:
            self._tell(work)
        self._session.heartbeat.drop(lease.token)

    def _seconds_left(self, evaluations: int) -> float:
        return float("inf") if self._seconds is None else self._seconds * evaluations

    def _lead(self) -> float:
        return min(max(_LEAD_CALLS * self._call_seconds, _SHORTEST_LEAD_S), _LONGEST_LEAD_S)

    def _take_unsent(self, work: _Work) -> evaluation_service_pb2.TellRequest:
        unsent, work.unsent = work.unsent, {}
        work.told_at = time.monotonic()
        return evaluation_service_pb2.TellRequest(
            study=work.lease.study, token=work.lease.token, step=work.lease.step,
            slices=slices(work.lease, unsent))

    def _tell(self, work: _Work) -> None:
        """Sends what is unsent; raises what an earlier tell failed with."""
        while self._tells and (self._tells[0].done() or len(self._tells) >= _TELLS_IN_FLIGHT):
            self._tells.popleft().result()
        if work.unsent:
            self._tells.append(
                self._calls.submit(self._send_tell, self._take_unsent(work), work, self._telling))

    def _send_tell(self, request: evaluation_service_pb2.TellRequest, work: _Work,
                   cancellation: Cancellation, timeout: float = _CALL_S) -> Any:
        """In a thread of calls. The answer to `next`, or None without one."""
        begin = time.monotonic()
        try:
            response = self._study.client.call(
                "Tell", request, timeout=timeout, cancellation=cancellation,
                retry_for=self._session.options.retry_for)
        except LeaseFenced as error:
            _log.warning("%r is dropped: %s", work.lease, error)
            work.fenced = True
            return None
        except StudyNotFound:
            if self._study.name != ANY_STUDY:
                raise
            work.fenced = True  # one of many was deleted: the others go on
            return None
        if not request.HasField("next"):
            self._call_seconds += 0.2 * (time.monotonic() - begin - self._call_seconds)
        self._session.heartbeat.told(work.lease.token)
        add_ranges(work.not_needed, response.not_needed)
        return response.next if response.HasField("next") else None

    def _ask(self, told: _Work | None) -> None:
        """Starts a poll for the next lease, on its own or with a tell of `told`'s results."""
        request = evaluation_service_pb2.AskRequest(
            study=self._study.name, worker=self._worker, wait=duration(_POLL_S),
            max_evaluations=self._session.options.max_lease, request_id=uuid.uuid4().hex,
            encodings=self._study.encodings(), labels=self._session.options.labels)
        tell = self._take_unsent(told) if told is not None else None
        cancellation = Cancellation()
        self._asking = _Asking(request, tell, cancellation, self._calls.submit(
            self._send_ask, request, tell, told, cancellation))
        if self._stop.is_set():
            cancellation.cancel()

    def _send_ask(self, request: evaluation_service_pb2.AskRequest,
                  tell: evaluation_service_pb2.TellRequest | None, told: _Work | None,
                  cancellation: Cancellation) -> tuple[Any, _Work | None]:
        """In a thread of calls."""
        answer = None
        if tell is not None and told is not None:
            carrier = evaluation_service_pb2.TellRequest()
            carrier.CopyFrom(tell)
            carrier.next.CopyFrom(request)
            answer = self._send_tell(carrier, told, cancellation, _POLL_S + _CALL_S)
        if answer is None:
            answer = self._study.client.call(
                "Ask", request, timeout=_POLL_S + _CALL_S, cancellation=cancellation,
                retry_for=self._session.options.retry_for)
        if not answer.HasField("lease"):
            return answer, None
        try:
            lease = self._study.lease_from(answer.lease)
        except CenterGone:  # the step is over, and so is the lease
            self._last_call("Release", evaluation_service_pb2.ReleaseRequest(
                study=answer.lease.study or self._study.name, tokens=[answer.lease.token]))
            answer.ClearField("lease")
            return answer, None
        except StudyNotFound:
            if self._study.name != ANY_STUDY:
                raise
            answer.ClearField("lease")
            return answer, None
        work = _Work(lease, set())
        self._session.heartbeat.hold(lease.study, lease.token, lease.ttl, work.not_needed)
        work.idle = threading.Timer(_IDLE_HOLD_S, self._give_back, (work,))
        work.idle.daemon = True
        work.idle.start()
        return answer, work

    def _abandon(self) -> None:
        """On the way out: tells what is known, gives the rest back, and takes no new lease."""
        asking, self._asking = self._asking, None
        if asking is not None:
            asking.cancellation.cancel()
            if asking.answer.done() and asking.answer.exception() is None:
                prefetched = asking.answer.result()[1]
                if prefetched is not None:
                    self._take(prefetched)  # it is given back below
            if asking.tell is not None:
                self._last_call("Tell", asking.tell)
            self._return_lease_of(asking)
        work = self._work
        if work is not None:
            self._session.heartbeat.drop(work.lease.token)
            self._last_call("Tell", evaluation_service_pb2.TellRequest(
                study=work.lease.study, token=work.lease.token, step=work.lease.step,
                slices=slices(work.lease, work.outcomes), release_rest=True))
        while self._tells:
            with contextlib.suppress(Exception):
                self._tells.popleft().result(timeout=_GRACE_S)
        self._telling.cancel()

    def _return_lease_of(self, asking: _Asking) -> None:
        """A poll that was cancelled may have been answered already. Asked again under its request
        id, the server gives the same lease, or another that is given back as well."""
        again = evaluation_service_pb2.AskRequest()
        again.CopyFrom(asking.request)
        again.ClearField("wait")
        answer = self._last_call("Ask", again)
        if answer is not None and answer.HasField("lease"):
            self._session.heartbeat.drop(answer.lease.token)
            self._last_call("Release", evaluation_service_pb2.ReleaseRequest(
                study=answer.lease.study or self._study.name, tokens=[answer.lease.token]))

    def _last_call(self, method: str, request: Any) -> Any:
        try:
            return self._study.client.call(method, request, timeout=_GRACE_S, retry_for=_GRACE_S)
        except PolystepError as error:
            _log.warning("on the way out, %s failed: %s", method, error)
            return None
