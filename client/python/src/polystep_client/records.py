"""What the server tells about a study, as plain values."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from google.protobuf import json_format

from polystep_client._generated.polystep.v1 import (evaluation_service_pb2, study_pb2,
                                                    study_service_pb2)

State = Literal["ACTIVE", "PAUSED", "SUCCEEDED", "STOPPED", "FAILED"]
ANY_STUDY = "studies/-"  # work of any study, where a study is named
ENDED: frozenset[str] = frozenset({"SUCCEEDED", "STOPPED", "FAILED"})


def state_name(state: int) -> Any:
    return study_pb2.Study.State.Name(state)


@dataclass(frozen=True)
class Solution:
    """A point of the space: its typed parameters, tensors as numpy.float32 arrays. `loss` is None
    where it is not known. `violation` is above 0 as long as nothing feasible is known."""

    parameters: dict[str, Any]
    loss: float | None
    step: int
    index: int
    violation: float = 0.0


@dataclass(frozen=True)
class Counters:
    """What happened to answers and leases since the study was created."""

    infeasible: int
    transient: int
    lost: int
    duplicate: int
    stale: int
    conflicting: int
    reused: int
    score: int


@dataclass(frozen=True)
class StudyInfo:
    """A study at one moment. `best` has no tensors: Study.best has them."""

    name: str
    uid: str
    display_name: str
    labels: dict[str, str]
    goal: Literal["minimize", "maximize"]
    seed: int
    state: State
    state_reason: str
    step: int
    evaluations: int
    best: Solution | None
    trajectory_digest: str
    counters: Counters
    create_time: datetime.datetime
    update_time: datetime.datetime
    optimizer: dict[str, Any]
    algorithm_revision: int

    @property
    def ended(self) -> bool:
        return self.state in ENDED


@dataclass(frozen=True)
class Step:
    """One committed step."""

    step: int
    evaluations: int
    reused: int
    infeasible: int
    masked: int
    best_loss: float | None
    mean_loss: float | None
    score: float | None
    step_radius: float
    probe_distance: float
    linear_rate: float
    improved: bool
    digest: str
    commit_time: datetime.datetime


@dataclass(frozen=True)
class TellResult:
    """What became of told losses: `accepted`, or a repeat (`duplicate`, `conflicting`), or too late
    (`stale`). `ttl` is the lease's remaining time in seconds, 0 if it is finished."""

    accepted: int
    duplicate: int
    stale: int
    conflicting: int
    committed_step: int
    ttl: float


def solution_from(proto: study_pb2.Solution) -> Solution:
    parameters = {}
    for value in proto.parameters:
        kind = value.WhichOneof("value")
        parameters[value.name] = getattr(value, kind) if kind else None
    return Solution(parameters, proto.loss if proto.HasField("loss") else None, proto.step,
                    proto.index, proto.violation)


def solution_from_chunks(chunks: Iterable[study_service_pb2.SolutionChunk]) -> Solution:
    """Puts the pieces of tensors together."""
    solution = study_pb2.Solution()
    arrays: dict[str, Any] = {}
    shapes: dict[str, tuple[int, ...]] = {}
    for chunk in chunks:
        if chunk.HasField("solution"):
            solution = chunk.solution
        for piece in chunk.tensors:
            if piece.name not in arrays:
                shapes[piece.name] = tuple(piece.shape)
                arrays[piece.name] = np.empty(int(np.prod(piece.shape, dtype=np.int64)),
                                              np.float32)
            end = piece.offset + len(piece.values)
            arrays[piece.name][piece.offset:end] = piece.values
    result = solution_from(solution)
    result.parameters.update({name: array.reshape(shapes[name]) for name, array in arrays.items()})
    return result


def info_from(proto: study_pb2.Study) -> StudyInfo:
    maximize = proto.spec.goal == study_pb2.StudySpec.MAXIMIZE
    counters = {field.name: getattr(proto.counters, field.name)
                for field in proto.counters.DESCRIPTOR.fields
                if field.name in Counters.__dataclass_fields__}
    return StudyInfo(
        name=proto.name, uid=proto.uid, display_name=proto.display_name, labels=dict(proto.labels),
        goal="maximize" if maximize else "minimize", seed=proto.spec.seed,
        state=state_name(proto.state), state_reason=proto.state_reason, step=proto.step,
        evaluations=proto.evaluations,
        best=solution_from(proto.best) if proto.HasField("best") else None,
        trajectory_digest=proto.trajectory_digest, counters=Counters(**counters),
        create_time=_utc(proto.create_time), update_time=_utc(proto.update_time),
        optimizer=json_format.MessageToDict(proto.effective_optimizer,
                                            preserving_proto_field_name=True),
        algorithm_revision=proto.algorithm_revision)


def step_from(proto: study_pb2.StepRecord) -> Step:
    def known(field: str) -> float | None:
        return getattr(proto, field) if proto.HasField(field) else None

    return Step(step=proto.step, evaluations=proto.evaluations, reused=proto.reused,
                infeasible=proto.infeasible, masked=proto.masked, best_loss=known("best_loss"),
                mean_loss=known("mean_loss"), score=known("score"), step_radius=proto.step_radius,
                probe_distance=proto.probe_distance, linear_rate=proto.linear_rate,
                improved=proto.improved, digest=proto.digest,
                commit_time=_utc(proto.commit_time))


def tell_result_from(proto: evaluation_service_pb2.TellResponse) -> TellResult:
    return TellResult(proto.accepted, proto.duplicate, proto.stale, proto.conflicting,
                      proto.committed_step, proto.ttl.seconds + proto.ttl.nanos * 1e-9)


def _utc(timestamp: Any) -> datetime.datetime:
    moment: datetime.datetime = timestamp.ToDatetime(tzinfo=datetime.timezone.utc)
    return moment
