"""Leases and their candidates, decoded from the wire."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Literal, Union

import numpy as np
import numpy.typing as npt

from polystep_client._block import LeaseChanges
from polystep_client._generated.polystep.v1 import evaluation_service_pb2

Value = Union[float, int, str, bool, "npt.NDArray[np.float32]"]
Purpose = Literal["search", "score"]


class Candidate(dict[str, Any]):
    """The parameters of one evaluation by name. Beyond a dictionary it knows the `study`, `step` and
    `index` of the evaluation, the `seed` for the simulator's random numbers (common to candidates
    that are compared with each other), and its `purpose`: "search", or "score" for evaluations
    that should use the validation set where there is one. Large studies of tensors send candidates
    as changes of a center: with `center` and `changes()` a function that can evaluate incrementally
    never makes the whole arrays."""

    def __init__(self, values: dict[str, Any], *, step: int, index: int, seed: int,
                 purpose: Purpose, study: str = "") -> None:
        super().__init__(values)
        self.study = study
        self.step = step
        self.index = index
        self.seed = seed
        self.purpose = purpose

    @property
    def center(self) -> npt.NDArray[np.float32] | None:
        """The point that this candidate is a change of, all tensors one after the other; None where
        it came whole. One array serves a whole step: it is not to be written to."""
        return None

    @property
    def center_id(self) -> str:
        """Names the content of `center`: equal ids, equal values. Empty without one."""
        return ""

    def changes(self) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float32]] | None:
        """The coordinates that differ from `center`, ascending, and their new values. Coordinates
        count through all tensors, one after the other, each row-major. None without a center."""
        return None

    def vector(self) -> npt.NDArray[np.float32]:
        """All tensors one after the other."""
        arrays = [value.ravel() for value in self.values() if isinstance(value, np.ndarray)]
        return np.concatenate(arrays) if arrays else np.zeros(0, dtype=np.float32)


class _Change(Candidate):
    """A candidate of a block-encoded lease: its arrays are made when one of them is looked at."""

    def __init__(self, changes: LeaseChanges, position: int,
                 tensors: dict[str, tuple[int, ...]], **facts: Any) -> None:
        super().__init__({}, **facts)
        self._changes = changes
        self._part = slice(int(changes.starts[position]), int(changes.starts[position + 1]))
        self._shapes = tensors

    @property
    def center(self) -> npt.NDArray[np.float32]:
        return self._changes.center.values

    @property
    def center_id(self) -> str:
        return self._changes.center.id

    def changes(self) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float32]]:
        return self._changes.coordinates[self._part], self._changes.values[self._part]

    def vector(self) -> npt.NDArray[np.float32]:
        vector = self.center.copy()
        coordinates, values = self.changes()
        vector[coordinates] = values
        return vector

    def _fill(self) -> None:
        if super().__len__() == 0:
            rows = _split(self.vector().reshape(1, -1), self._shapes)
            super().update((name, array[0]) for name, array in rows.items())

    def __missing__(self, name: str) -> Any:
        if name not in self._shapes:
            raise KeyError(name)
        self._fill()
        return self[name]

    def __contains__(self, name: object) -> bool:
        return name in self._shapes

    def __len__(self) -> int:
        return len(self._shapes)

    def __iter__(self) -> Iterator[str]:
        return iter(self._shapes)

    def __eq__(self, other: object) -> bool:
        return dict(self) == other

    def __repr__(self) -> str:
        return repr(dict(self))

    def get(self, name: str, default: Any = None) -> Any:
        return self[name] if name in self._shapes else default

    def keys(self) -> Any:
        self._fill()
        return super().keys()

    def values(self) -> Any:
        self._fill()
        return super().values()

    def items(self) -> Any:
        self._fill()
        return super().items()

    def copy(self) -> dict[str, Any]:
        return dict(self.items())


class Lease(Sequence[Candidate]):
    """A range of candidates of one step, to be evaluated by this client. A sequence of candidates;
    each is built when it is asked for."""

    def __init__(self, proto: evaluation_service_pb2.Lease,
                 tensors: dict[str, tuple[int, ...]],
                 changes: LeaseChanges | None = None) -> None:
        self.study: str = proto.study
        self.token: bytes = proto.token
        self.step: int = proto.step
        self.first_index: int = proto.first_index
        self.backup: bool = proto.backup
        self.ttl: float = proto.ttl.seconds + proto.ttl.nanos * 1e-9
        self.seed: int = proto.evaluation_seed
        self.purpose: Purpose = (
            "score" if proto.purpose == evaluation_service_pb2.Lease.SCORE else "search")
        self._count: int = proto.count
        self._tensors = tensors
        self._changes = changes  # of block-encoded candidates
        self._columns = _columns(proto, tensors) if changes is None else {}

    def __len__(self) -> int:
        return self._count

    def __getitem__(self, position: Any) -> Any:
        if isinstance(position, slice):
            return [self[i] for i in range(*position.indices(self._count))]
        if not -self._count <= position < self._count:
            raise IndexError(f"a lease of {self._count} has no candidate {position}")
        position %= self._count
        if self._changes is not None:
            return _Change(self._changes, position, self._tensors, step=self.step,
                           index=self.first_index + position, seed=self.seed,
                           purpose=self.purpose)
        values = {name: column[position].copy() if isinstance(column, np.ndarray)
                  else column[position] for name, column in self._columns.items()}
        return Candidate(values, step=self.step, index=self.first_index + position,
                         seed=self.seed, purpose=self.purpose, study=self.study)

    def __iter__(self) -> Iterator[Candidate]:
        return (self[i] for i in range(self._count))

    def __repr__(self) -> str:
        last = self.first_index + self._count - 1
        return f"Lease(step={self.step}, indices {self.first_index} to {last})"


def _columns(proto: evaluation_service_pb2.Lease,
             tensors: dict[str, tuple[int, ...]]) -> dict[str, Any]:
    """Per name one value per candidate; arrays have the candidate as their first axis."""
    encoding = proto.WhichOneof("candidates")
    if encoding == "named":
        return {column.name: _column(column, proto.count, tensors)
                for column in proto.named.columns}
    if encoding == "dense":
        rows = np.array(proto.dense.values, dtype=np.float32).reshape(proto.count, -1)
        return _split(rows, tensors)
    raise ValueError(f"candidates in encoding {encoding}, which was not asked for")


def _column(column: Any, count: int, tensors: dict[str, tuple[int, ...]]) -> Any:
    kind = column.WhichOneof("values")
    values = getattr(column, kind).values
    if kind == "tensor":
        return np.array(values, dtype=np.float32).reshape(count, *tensors[column.name])
    return list(values)


def _split(rows: npt.NDArray[np.float32], tensors: dict[str, tuple[int, ...]]) -> dict[str, Any]:
    """Cuts dense rows into the tensors, which follow each other in the order of the spec."""
    columns = {}
    begin = 0
    for name, shape in tensors.items():
        end = begin + int(np.prod(shape, dtype=np.int64))
        columns[name] = rows[:, begin:end].reshape(len(rows), *shape)
        begin = end
    return columns
