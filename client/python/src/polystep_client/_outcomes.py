"""From what evaluations came to, to the slices of a Tell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Union

from polystep_client._generated.polystep.v1 import evaluation_service_pb2
from polystep_client.errors import Infeasible, Transient
from polystep_client.lease import Lease

Outcome = Union[float, Infeasible, Transient, None]
_MESSAGE_CHARACTERS = 200  # so that a full tell of failures stays below 1 MiB


def slices(lease: Lease, outcomes: Sequence[Outcome] | Mapping[int, Outcome],
           ) -> list[evaluation_service_pb2.LossSlice]:
    """One slice per run of consecutive positions that have an outcome."""
    if isinstance(outcomes, Mapping):
        pairs = sorted(outcomes.items())
    elif len(outcomes) != len(lease):
        raise ValueError(f"{len(outcomes)} losses for a lease of {len(lease)}: give one for each, "
                         "None where it is not known yet, or a mapping from positions")
    else:
        pairs = list(enumerate(outcomes))
    result: list[evaluation_service_pb2.LossSlice] = []
    following = -1
    for position, outcome in pairs:
        if outcome is None:
            continue
        if not 0 <= position < len(lease):
            raise ValueError(f"position {position} is outside a lease of {len(lease)}")
        index = lease.first_index + position
        if position != following:
            result.append(evaluation_service_pb2.LossSlice(first_index=index))
        _append(result[-1], index, outcome)
        following = position + 1
    return result


def _append(part: evaluation_service_pb2.LossSlice, index: int, outcome: Outcome) -> None:
    failure = evaluation_service_pb2.Failure
    if isinstance(outcome, (Infeasible, Transient)):
        kind = failure.INFEASIBLE if isinstance(outcome, Infeasible) else failure.TRANSIENT
        part.losses.append(0.0)
        part.failures.append(failure(index=index, kind=kind,
                                     message=str(outcome)[:_MESSAGE_CHARACTERS]))
    else:
        part.losses.append(float(outcome))  # type: ignore[arg-type]
