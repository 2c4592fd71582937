"""From what evaluations came to, to the slices of a Tell."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, Union

from polystep_client._generated.polystep.v1 import evaluation_service_pb2
from polystep_client.errors import Infeasible, Transient
from polystep_client.lease import Lease

# A loss, a loss with the violation of its constraints, a failure, or not known yet.
Outcome = Union[float, "tuple[float, float]", Infeasible, Transient, None]
_MESSAGE_CHARACTERS = 200  # so that a full tell of failures stays below 1 MiB


def answer(value: Any) -> float | tuple[float, float]:
    """What a function returned as a loss, or as a loss and a violation above 0. Raises TypeError or
    ValueError."""
    if not isinstance(value, tuple):
        return float(value)
    if len(value) != 2:
        raise ValueError(f"{len(value)} numbers instead of a loss and a violation")
    loss, violation = float(value[0]), float(value[1])
    if not (violation >= 0.0 and math.isfinite(violation)):
        raise ValueError(f"a violation is finite and at least 0, not {violation}")
    return (loss, violation) if violation > 0.0 else loss


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
        _append_violation(part, 0.0)
        part.losses.append(0.0)
        part.failures.append(failure(index=index, kind=kind,
                                     message=str(outcome)[:_MESSAGE_CHARACTERS]))
    else:
        told = answer(outcome)
        loss, violation = told if isinstance(told, tuple) else (told, 0.0)
        _append_violation(part, violation)
        part.losses.append(loss)


def _append_violation(part: evaluation_service_pb2.LossSlice, violation: float) -> None:
    """Before its loss is appended. One for each loss, or none while all are feasible."""
    if violation > 0.0 or part.violations:
        part.violations.extend([0.0] * (len(part.losses) - len(part.violations)))
        part.violations.append(violation)
