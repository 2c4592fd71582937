"""Ours, through the service: a study per run, a worker that asks for NAMED doubles, large leases.

The worker uses the Python client to create and delete the study, and the generated stubs for Ask and
Tell: a lease goes from its columns to an array in one piece, and a Tell carries the next Ask, so that
a step costs one call.
"""

from __future__ import annotations

import os
import uuid
from typing import Any

import grpc
import numpy as np
from polystep_client import Client, Integer, Real, Study
from polystep_client._generated.polystep.v1 import (evaluation_service_pb2 as pb,
                                                    evaluation_service_pb2_grpc, study_pb2)

from meter import Finished, Function, Meter

_WAIT_S = 20
_CALL_S = 60
_LARGEST_LEASE = 65536

# One channel per process: runs follow each other in it.
_clients: dict[str, tuple[Client, Any]] = {}


def solve(meter: Meter, seed: int, server: str, method: str = "") -> None:
    """`method` is an OptimizerSpec's; empty: automatic."""
    client, stub = _connect(server)
    function = meter.function
    study = Study.create(
        f"quality-{uuid.uuid4().hex}", _space(function), server=client, seed=seed,
        max_evaluations=meter.budget, noise="noisy" if function.is_noisy else "none",
        optimizer=method or None, evaluation={"backup_leases": False})
    try:
        _evaluate(meter, stub, study.name)
    finally:
        study.delete()
    raise Finished


def _connect(server: str) -> tuple[Client, Any]:
    if server not in _clients:
        channel = grpc.insecure_channel(server, options=[("grpc.enable_http_proxy", 0)])
        _clients[server] = (Client(server),
                            evaluation_service_pb2_grpc.EvaluationServiceStub(channel))
    return _clients[server]


def _space(function: Function) -> dict[str, Real | Integer]:
    return {f"x{k}": (Integer(int(lower), int(upper)) if k < function.integers
                      else Real(float(lower), float(upper)))
            for k, (lower, upper) in enumerate(zip(function.lower, function.upper))}


def _evaluate(meter: Meter, stub: Any, study: str) -> None:
    """Until the study has ended, or the meter raises Finished."""
    ask = pb.AskRequest(study=study, worker=f"quality-{os.getpid()}",
                        max_evaluations=_LARGEST_LEASE, encodings=[pb.AskRequest.NAMED])
    ask.wait.FromSeconds(_WAIT_S)
    answer = stub.Ask(ask, timeout=_CALL_S)
    while True:
        if not answer.HasField("lease"):
            if answer.study_state != study_pb2.Study.ACTIVE:
                return
            answer = stub.Ask(ask, timeout=_CALL_S)
            continue
        lease = answer.lease
        losses = meter.batch(_points(lease))
        tell = pb.TellRequest(
            study=study, token=lease.token, step=lease.step, next=ask,
            slices=[pb.LossSlice(first_index=lease.first_index, losses=losses)])
        answer = stub.Tell(tell, timeout=_CALL_S).next


def _points(lease: Any) -> np.ndarray:
    """The candidates of a lease, one a row, in the order of the columns x0, x1, ..."""
    columns = lease.named.columns
    points = np.empty((lease.count, len(columns)))
    for column in columns:
        values = getattr(column, column.WhichOneof("values")).values
        points[:, int(column.name[1:])] = values
    return points
