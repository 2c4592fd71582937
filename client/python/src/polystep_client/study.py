"""A study on a server: create it, watch it, give it workers, or ask and tell by hand."""

from __future__ import annotations

import os
import socket
import time
import uuid
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal

from polystep_client import _processes
from polystep_client._block import CenterCache, CenterGone, decode
from polystep_client._frames import decode_frames
from polystep_client._generated.polystep.v1 import (evaluation_service_pb2, study_pb2,
                                                    study_service_pb2)
from polystep_client._outcomes import Outcome, slices
from polystep_client._spec import StopCriteria, duration, study_spec
from polystep_client.client import Client, as_client
from polystep_client.errors import ServerError, ServerUnavailable
from polystep_client.lease import Lease
from polystep_client.records import (ANY_STUDY, ENDED, Solution, State, Step, StudyInfo, TellResult,
                                     info_from, solution_from_chunks, state_name, step_from,
                                     tell_result_from)
from polystep_client.space import Domain, Point
from polystep_client.worker import LossFunction, OnError, Worker, WorkerOptions

_WATCH_PAUSE_S = 0.2


class Study:
    """One study of one server. A small value: the state lives on the server, and every property
    asks for it. Thread-safe; may be pickled and sent to other processes. Study("-") stands for all
    of them, for worker(), ask(), and what is done with their leases."""

    def __init__(self, name: str, server: str | Client | None = None) -> None:
        self.name = name if name.startswith("studies/") else f"studies/{name}"
        self.client = as_client(server)
        self._tensors: dict[str, tuple[int, ...]] | None = None
        self._parameters = 0
        self._centers = CenterCache()
        self._others: dict[str, Study] = {}  # that a pool has had leases of

    def __repr__(self) -> str:
        return f"Study({self.name!r}, server={self.client.target!r})"

    @classmethod
    def create(cls, name: str, parameters: Mapping[str, Domain], *,
               server: str | Client | None = None,
               goal: Literal["minimize", "maximize"] = "minimize", seed: int | None = None,
               max_evaluations: int | None = None, max_steps: int | None = None,
               max_time: float | None = None, target_loss: float | None = None,
               patience_steps: int | None = None,
               noise: Literal["none", "seeded", "noisy"] = "none",
               optimizer: str | Mapping[str, Any] | None = None,
               evaluation: Mapping[str, Any] | None = None,
               initial_points: Sequence[Point] = (), labels: Mapping[str, str] | None = None,
               display_name: str = "") -> Study:
        """Creates the study, or finds the one that an earlier call with the same arguments made.

        It ends when the first of the limits is reached; `max_time` is in seconds. `optimizer` is a
        method's name ("POLYSTEP_POPULATION") or a mapping with the fields of OptimizerSpec;
        `evaluation` one with those of EvaluationPolicy, durations as "90s".

        Raises InvalidArgument with the bad fields, and StudyExists if the name is taken by a study
        with another specification."""
        study = cls(name, server)
        spec = study_spec(parameters, goal=goal, seed=seed, noise=noise, optimizer=optimizer,
                          evaluation=evaluation, initial_points=initial_points,
                          stop=StopCriteria(max_evaluations, max_steps, max_time, target_loss,
                                            patience_steps),
                          upload=study.client.upload)
        request = study_service_pb2.CreateStudyRequest(
            study_id=study.name.removeprefix("studies/"), request_id=uuid.uuid4().hex,
            study=study_pb2.Study(spec=spec, labels=labels or {}, display_name=display_name))
        study._remember_tensors(study.client.call("CreateStudy", request))
        return study

    @classmethod
    def get(cls, name: str, *, server: str | Client | None = None) -> Study:
        """An existing study. Raises StudyNotFound."""
        study = cls(name, server)
        study._remember_tensors(study._get())
        return study

    # Where it stands.

    def info(self) -> StudyInfo:
        """Everything about it at this moment, in one call."""
        return info_from(self._get())

    @property
    def state(self) -> State:
        return self.info().state

    @property
    def evaluations(self) -> int:
        return self.info().evaluations

    @property
    def trajectory_digest(self) -> str:
        return self.info().trajectory_digest

    @property
    def best(self) -> Solution | None:
        """The best answered point, tensors included; None before the first loss."""
        return self._solution(study_service_pb2.GetSolutionRequest.BEST)

    @property
    def center(self) -> Solution | None:
        """Where the search stands: the better choice under noise. Its loss may be unknown."""
        return self._solution(study_service_pb2.GetSolutionRequest.CENTER)

    def steps(self, first_step: int = 0) -> Iterator[Step]:
        """The committed steps, in order."""
        request = study_service_pb2.ListStepsRequest(parent=self.name, page_size=1000,
                                                     first_step=first_step)
        while True:
            page = self.client.call("ListSteps", request)
            yield from (step_from(step) for step in page.steps)
            if not page.next_page_token:
                return
            request.page_token = page.next_page_token

    def watch(self, first_step: int = 0) -> Iterator[Step | StudyInfo]:
        """Steps from `first_step` on as they are committed, and a StudyInfo after every change of
        state, the last one when the study ends. Goes on over a restart of the server."""
        state: str | None = None
        failing_since: float | None = None
        while state not in ENDED:
            request = study_service_pb2.WatchStudyRequest(name=self.name, first_step=first_step)
            try:
                for update in self.client.stream("WatchStudy", request):
                    failing_since = None
                    for step in update.steps:
                        first_step = step.step + 1
                        yield step_from(step)
                    if state_name(update.study.state) != state:
                        state = state_name(update.study.state)
                        yield self.info()
            except ServerUnavailable as error:
                now = time.monotonic()
                failing_since = failing_since or now
                if now - failing_since > self.client.retry_for:
                    raise
                time.sleep(error.retry_delay or _WATCH_PAUSE_S)

    # What a person does with it.

    def pause(self) -> None:
        """No new leases; losses of leases that are out are still accepted."""
        self.client.call("PauseStudy", study_service_pb2.PauseStudyRequest(name=self.name))

    def resume(self) -> None:
        """Goes on after pause(), or after a limit was raised."""
        self.client.call("ResumeStudy", study_service_pb2.ResumeStudyRequest(name=self.name))

    def stop(self) -> None:
        """Ends it where it is."""
        self.client.call("StopStudy", study_service_pb2.StopStudyRequest(name=self.name))

    def delete(self) -> None:
        """Removes it and all its records."""
        self.client.call("DeleteStudy", study_service_pb2.DeleteStudyRequest(name=self.name))

    # Workers.

    def worker(self, fn: LossFunction, slots: int = 1, *, name: str | None = None,
               max_lease: int = 0, on_error: OnError = "raise",
               retry_for: float = 600.0, labels: Mapping[str, str] | None = None) -> Worker:
        """A worker in this process; its run() evaluates until the study ends. See Worker."""
        options = WorkerOptions(slots=slots, name=name, max_lease=max_lease, on_error=on_error,
                                retry_for=retry_for, labels=labels or {})
        return Worker(self, fn, options)

    def minimize(self, fn: LossFunction, workers: int = 1, *, on_error: OnError = "raise",
                 retry_for: float = 600.0) -> Solution | None:
        """Evaluates `fn` until the study ends and returns the best point.

        With `workers` above 1 so many processes are started, each of which imports the module that
        `fn` is defined in: so `fn` is a function of a module (or of the main script, guarded by
        `if __name__ == "__main__":`), not a lambda.

        Raises EvaluationError if `fn` raised something else than Infeasible or Transient, and
        StudyPaused if the study was paused."""
        return self._run("minimize", fn, workers, WorkerOptions(
            on_error=on_error, retry_for=retry_for, wait_while_paused=False))

    def maximize(self, fn: LossFunction, workers: int = 1, *, on_error: OnError = "raise",
                 retry_for: float = 600.0) -> Solution | None:
        """minimize() for a study whose goal is "maximize"; `fn` returns what is to become large."""
        return self._run("maximize", fn, workers, WorkerOptions(
            on_error=on_error, retry_for=retry_for, wait_while_paused=False))

    def _run(self, goal: str, fn: LossFunction, workers: int,
             options: WorkerOptions) -> Solution | None:
        if workers < 1:
            raise ValueError(f"workers is {workers}: it must be at least 1")
        found = self.info().goal
        if found != goal:
            raise ValueError(f"{self.name} was created with goal={found!r}: call {found}()")
        if workers == 1:
            Worker(self, fn, options).run()
        else:
            _processes.run(self, fn, workers, options)
        return self.best

    # Ask and tell by hand.

    def ask(self, max_evaluations: int = 0, *, wait: float = 0.0, ttl: float | None = None,
            worker: str | None = None) -> Lease | None:
        """A lease on candidates to evaluate, or None if there is nothing to do within `wait`
        seconds (or any more: see `state`). `ttl` is how many seconds the lease lasts without a
        renew() or tell(); 0 evaluations leaves their number to the server."""
        request = evaluation_service_pb2.AskRequest(
            study=self.name, worker=worker or default_worker_name(),
            max_evaluations=max_evaluations, wait=duration(wait), request_id=uuid.uuid4().hex,
            lease_ttl=None if ttl is None else duration(ttl), encodings=self.encodings())
        while True:
            response = self.client.call("Ask", request, timeout=wait + 30.0)
            if not response.HasField("lease"):
                return None
            try:
                return self.lease_from(response.lease)
            except CenterGone:
                self.client.call("Release", evaluation_service_pb2.ReleaseRequest(
                    study=response.lease.study or self.name, tokens=[response.lease.token]))
                request.request_id = uuid.uuid4().hex

    def tell(self, lease: Lease, outcomes: Sequence[Outcome] | Mapping[int, Outcome], *,
             release_rest: bool = False) -> TellResult:
        """Losses of a lease, durable on return: a sequence with one entry per candidate, or a
        mapping from positions in the lease. An entry is a number, a tuple of a loss and the
        violation of its constraints, an Infeasible, a Transient, or None for "not known yet". May be called again with the rest; repeats do no harm."""
        request = evaluation_service_pb2.TellRequest(
            study=lease.study, token=lease.token, step=lease.step, release_rest=release_rest,
            slices=slices(lease, outcomes))
        return tell_result_from(self.client.call("Tell", request))

    def renew(self, lease: Lease) -> bool:
        """Starts the lease's time again; False if it was lost (its losses may still be told)."""
        request = evaluation_service_pb2.RenewRequest(study=lease.study, tokens=[lease.token])
        return bool(self.client.call("Renew", request).renewals[0].known)

    def release(self, lease: Lease) -> None:
        """Gives back what is not told yet."""
        self.client.call("Release", evaluation_service_pb2.ReleaseRequest(
            study=lease.study, tokens=[lease.token]))

    def lease_from(self, proto: evaluation_service_pb2.Lease) -> Lease:
        """Decodes a lease of this study, or of any if it stands for all of them. Raises CenterGone
        if its step was committed meanwhile."""
        if self.name == ANY_STUDY:
            return self._others.setdefault(
                proto.study, Study(proto.study, self.client)).lease_from(proto)
        proto.study = self.name  # where servers do not say
        tensors = self._known_tensors()
        encoding = proto.WhichOneof("candidates")
        if encoding not in ("block", "subspace"):
            return Lease(proto, tensors)
        message = proto.block if encoding == "block" else proto.subspace
        center = self._centers.get(self.client, self.name, message.center_id)
        changes = decode if encoding == "block" else decode_frames
        return Lease(proto, tensors, changes(message, proto.count, center))

    def encodings(self) -> list[int]:
        """What lease_from understands, the preferred one first."""
        known = evaluation_service_pb2.AskRequest
        if self.name == ANY_STUDY:
            return [known.SUBSPACE, known.BLOCK, known.DENSE, known.NAMED]
        if self._known_tensors() and self._parameters == 0:
            return [known.SUBSPACE, known.BLOCK, known.DENSE]
        return []

    def _known_tensors(self) -> dict[str, tuple[int, ...]]:
        if self._tensors is None:
            self._remember_tensors(self._get())
        assert self._tensors is not None
        return self._tensors

    def _get(self) -> study_pb2.Study:
        request = study_service_pb2.GetStudyRequest(name=self.name)
        study: study_pb2.Study = self.client.call("GetStudy", request)
        return study

    def _remember_tensors(self, study: study_pb2.Study) -> None:
        self._parameters = len(study.spec.parameters)
        self._tensors = {tensor.name: tuple(tensor.shape) for tensor in study.spec.tensors}

    def _solution(self, kind: Any) -> Solution | None:
        request = study_service_pb2.GetSolutionRequest(name=self.name, kind=kind)
        try:
            return solution_from_chunks(self.client.stream("GetSolution", request, timeout=60.0))
        except ServerError as error:
            if error.reason == "NO_SOLUTION":
                return None
            raise


def default_worker_name() -> str:
    """Stable over the life of this process."""
    return f"{socket.gethostname()}-{os.getpid()}"
