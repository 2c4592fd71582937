"""From the classes of space.py and plain values to the StudySpec of the wire."""

from __future__ import annotations

import datetime
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from google.protobuf import duration_pb2, json_format

from polystep_client._generated.polystep.v1 import space_pb2, study_pb2
from polystep_client.space import (Boolean, Categorical, Discrete, Domain, Integer, Point, Real,
                                   Tensor)


Upload = Callable[[np.ndarray], str]


@dataclass(frozen=True)
class StopCriteria:
    """When a study ends by itself; see Study.create."""

    max_evaluations: int | None = None
    max_steps: int | None = None
    max_time: float | None = None
    target_loss: float | None = None
    patience_steps: int | None = None


def duration(seconds: float) -> duration_pb2.Duration:
    result = duration_pb2.Duration()
    result.FromTimedelta(datetime.timedelta(seconds=seconds))
    return result


def _given(**fields: Any) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None}


def _scale(scale: str) -> Any:
    try:
        return space_pb2.ParameterSpec.Scale.Value(scale.upper())
    except ValueError:
        raise ValueError(f"unknown scale {scale!r}: linear, log, reverse_log or logit") from None


def _parameter(name: str, domain: Domain) -> space_pb2.ParameterSpec:
    spec = space_pb2.ParameterSpec(name=name)
    if isinstance(domain, Real):
        spec.real.CopyFrom(space_pb2.RealDomain(scale=_scale(domain.scale), **_given(
            min=domain.min, max=domain.max, initial=domain.initial)))
    elif isinstance(domain, Integer):
        spec.integer.CopyFrom(space_pb2.IntegerDomain(
            min=domain.min, max=domain.max, scale=_scale(domain.scale),
            **_given(initial=domain.initial)))
    elif isinstance(domain, Discrete):
        spec.discrete.CopyFrom(space_pb2.DiscreteDomain(
            values=[float(v) for v in domain.values], **_given(initial=domain.initial)))
    elif isinstance(domain, Categorical):
        spec.categorical.CopyFrom(space_pb2.CategoricalDomain(
            choices=list(domain.choices), **_given(initial=domain.initial)))
    elif isinstance(domain, Boolean):
        spec.boolean.CopyFrom(space_pb2.BooleanDomain(**_given(initial=domain.initial)))
    else:
        raise TypeError(f"parameter {name!r} is a {type(domain).__name__}: it must be a Real, "
                        "Integer, Discrete, Categorical, Boolean or Tensor")
    return spec


def _initial_values(name: str, tensor: Tensor) -> np.ndarray:
    values = tensor.initial
    if isinstance(values, (str, os.PathLike)):
        values = np.load(values, mmap_mode="r", allow_pickle=False)
    array = np.ascontiguousarray(values, dtype=np.float32)
    if array.shape != tuple(tensor.shape):
        raise ValueError(f"tensor {name!r} starts from an array of shape {array.shape}, "
                         f"not {tuple(tensor.shape)}")
    return array


def _tensor(name: str, tensor: Tensor, upload: Upload) -> space_pb2.TensorSpec:
    kinds = {"zero": "ZERO", "constant": "CONSTANT", "uniform": "UNIFORM", "normal": "NORMAL"}
    if tensor.init not in kinds:
        raise ValueError(f"tensor {name!r} has init {tensor.init!r}: zero, constant, uniform or "
                         "normal")
    if tensor.kind not in ("real", "integer", "binary"):
        raise ValueError(f"tensor {name!r} has kind {tensor.kind!r}: real, integer or binary")
    initializer = space_pb2.Initializer(
        kind=space_pb2.Initializer.Kind.Value(kinds[tensor.init]))
    if tensor.initial is not None:
        if tensor.init != "zero":
            raise ValueError(f"tensor {name!r} has both init and initial")
        initializer = space_pb2.Initializer(
            kind=space_pb2.Initializer.UPLOADED,
            content_id=upload(_initial_values(name, tensor)))
    if tensor.init == "constant":
        initializer.constant = tensor.constant
    if tensor.init in ("uniform", "normal"):
        initializer.scale = tensor.scale
    return space_pb2.TensorSpec(name=name, shape=list(tensor.shape),
                                kind=space_pb2.TensorSpec.Kind.Value(tensor.kind.upper()), initializer=initializer,
                                **_given(min=tensor.min, max=tensor.max))


def _value(name: str, domain: Domain, value: Any) -> space_pb2.ParameterValue:
    kinds = {Real: ("real", float), Integer: ("integer", int), Discrete: ("discrete", float),
             Categorical: ("categorical", str), Boolean: ("boolean", bool)}
    field, convert = kinds[type(domain)]
    return space_pb2.ParameterValue(name=name, **{field: convert(value)})


def _initial_point(point: Point, parameters: Mapping[str, Domain]) -> study_pb2.InitialPoint:
    if set(point.parameters) != set(parameters):
        wrong = sorted(set(point.parameters) ^ set(parameters))
        raise ValueError(f"an initial point gives every parameter once; it differs in {wrong}")
    proto = study_pb2.InitialPoint(**_given(loss=point.loss))
    for name, domain in parameters.items():
        value = point.parameters[name]
        if isinstance(domain, Tensor):
            array = np.asarray(value, dtype=np.float32)
            if array.shape != tuple(domain.shape):
                raise ValueError(f"tensor {name!r} of an initial point has shape {array.shape}, "
                                 f"not {tuple(domain.shape)}")
            proto.tensors.add(name=name, values=array.ravel().tolist())
        else:
            proto.parameters.append(_value(name, domain, value))
    return proto


def _parse(what: str, fields: Mapping[str, Any], message: Any) -> Any:
    try:
        return json_format.ParseDict(dict(fields), message)
    except json_format.ParseError as error:
        raise ValueError(f"{what}: {error}") from None


def study_spec(parameters: Mapping[str, Domain], *, goal: str, seed: int | None, noise: str,
               stop: StopCriteria, optimizer: str | Mapping[str, Any] | None,
               evaluation: Mapping[str, Any] | None,
               initial_points: Sequence[Point], upload: Upload) -> study_pb2.StudySpec:
    """`upload` stores an array and answers its content id.

    Raises ValueError or TypeError for what the wire has no words for; all else is the server's
    to judge."""
    if goal not in ("minimize", "maximize"):
        raise ValueError(f"goal is {goal!r}: it must be 'minimize' or 'maximize'")
    if noise not in ("none", "seeded", "noisy"):
        raise ValueError(f"noise is {noise!r}: it must be 'none', 'seeded' or 'noisy'")
    spec = study_pb2.StudySpec(
        goal=study_pb2.StudySpec.Goal.Value(goal.upper()), **_given(seed=seed),
        stop=study_pb2.StopCriteria(**_given(
            max_evaluations=stop.max_evaluations, max_steps=stop.max_steps,
            max_time=None if stop.max_time is None else duration(stop.max_time),
            target_loss=stop.target_loss, patience_steps=stop.patience_steps)))
    for name, domain in parameters.items():
        if isinstance(domain, Tensor):
            spec.tensors.append(_tensor(name, domain, upload))
        else:
            spec.parameters.append(_parameter(name, domain))
    if isinstance(optimizer, str):
        optimizer = {"method": optimizer}
    if optimizer is not None:
        _parse("optimizer", optimizer, spec.optimizer)
    _parse("evaluation", evaluation or {}, spec.evaluation)
    spec.evaluation.noise = study_pb2.EvaluationPolicy.Noise.Value(noise.upper())
    spec.initial_points.extend(_initial_point(point, parameters) for point in initial_points)
    return spec
