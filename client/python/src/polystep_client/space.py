"""What may be tuned: one class for each kind of parameter, as plain immutable values.

`Study.create` takes a dictionary of them by name. Values are checked by the server, which knows the
limits; here only what could not be expressed on the wire is refused.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Union

import numpy as np

Scale = Literal["linear", "log", "reverse_log", "logit"]


@dataclass(frozen=True)
class Real:
    """A real number in [min, max], or any real number if both are None. `scale` says how values
    are spread over the domain; "log" is right for sizes and rates over decades."""

    min: float | None = None
    max: float | None = None
    scale: Scale = "linear"
    initial: float | None = None


@dataclass(frozen=True)
class Integer:
    """A whole number in [min, max], both ends included."""

    min: int
    max: int
    scale: Scale = "linear"
    initial: int | None = None


@dataclass(frozen=True)
class Discrete:
    """One of a strictly increasing list of numbers, for example the E24 series. Their order has a
    meaning; the distances between them do not matter."""

    values: Sequence[float]
    initial: float | None = None


@dataclass(frozen=True)
class Categorical:
    """One of a list of names that have no order."""

    choices: Sequence[str]
    initial: str | None = None


@dataclass(frozen=True)
class Boolean:
    """True or False."""

    initial: bool | None = None


@dataclass(frozen=True)
class Tensor:
    """An array of numbers, handed to the function as numpy.float32: real ones, whole ones from `min`
    to `max`, or zeros and ones ("binary"). `init` is where the
    search starts: "zero", "constant" (at `constant`), "uniform" in [-scale, scale] or "normal"
    with standard deviation `scale`; both draw from the study's seed. Or give the values themselves
    as `initial`: an array of this shape, or the path of a .npy file with one. They are uploaded when
    the study is created."""

    shape: Sequence[int]
    min: float | None = None
    max: float | None = None
    init: Literal["zero", "constant", "uniform", "normal"] = "zero"
    scale: float = 1.0
    constant: float = 0.0
    kind: Literal["real", "integer", "binary"] = "real"
    initial: np.ndarray | str | os.PathLike[str] | None = field(
        default=None, compare=False, repr=False)


Domain = Union[Real, Integer, Discrete, Categorical, Boolean, Tensor]


@dataclass(frozen=True)
class Point:
    """A point known before the study: a value for every parameter, and its loss if that is known
    (it is then not evaluated again)."""

    parameters: Mapping[str, Any]
    loss: float | None = None
