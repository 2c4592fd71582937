"""Block-encoded candidates: changes of a center that is fetched once a step. See BlockCandidates in
candidates.proto."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import grpc
import numpy as np
import numpy.typing as npt
import xxhash

from polystep_client._generated.polystep.v1 import evaluation_service_pb2
from polystep_client.errors import PolystepError, ServerError

if TYPE_CHECKING:
    from polystep_client.client import Client

Floats = npt.NDArray[np.float32]
_ATTEMPTS = 3


class CenterGone(Exception):
    """The step of a lease was committed before its center was fetched: it is no lease any more."""


@dataclass(frozen=True)
class Center:
    """A point that candidates differ little from; `values` are not to be written to."""

    id: str
    values: Floats


@dataclass(frozen=True)
class LeaseChanges:
    """Candidate n of a lease has `coordinates` and `values` from starts[n] to starts[n + 1]."""

    center: Center
    starts: npt.NDArray[np.int64]
    coordinates: npt.NDArray[np.int64]
    values: Floats


def decode(block: Any, count: int, center: Center) -> LeaseChanges:
    """Raises PolystepError where the block does not hold what it promises."""
    dimension = len(center.values)
    m = np.arange(count - block.unchanged, dtype=np.int64)
    if block.offsets:
        first = np.array(block.offsets, dtype=np.int64)
    else:
        rows = (block.first_in_block + m) // max(1, block.candidates_per_block)
        first = (block.first_block + rows) * block.block_size
    wanted = np.array(block.sizes, dtype=np.int64) if block.sizes else block.block_size
    if len(first) != len(m) or np.size(wanted) not in (1, len(m)) or np.any(first > dimension):
        raise PolystepError("a lease's blocks are not inside its center")
    sizes = np.minimum(first + wanted, dimension) - first
    values = _values(block.values, block.bits, int(sizes.sum()))
    if len(values) != sizes.sum():
        raise PolystepError(
            f"a lease has {len(values)} values of blocks instead of {sizes.sum()}")
    return changes_of(center, block.unchanged, first, sizes, values, block.check)


def changes_of(center: Center, unchanged: int, first: npt.NDArray[np.int64],
               sizes: npt.NDArray[np.int64], values: Floats, expected: int) -> LeaseChanges:
    """Of a lease whose `unchanged` first candidates are the center, the others having new `values`
    for `sizes` coordinates from `first` on. Raises PolystepError if its check value is another."""
    ends = np.concatenate([np.zeros(unchanged + 1, np.int64), np.cumsum(sizes)])
    begins = ends[unchanged:-1]
    coordinates = np.repeat(first - begins, sizes) + np.arange(int(ends[-1]))
    check = _fnv1a(center.id.encode())
    for candidate in (0, len(ends) - 2):
        part = slice(int(ends[candidate]), int(ends[candidate + 1]))
        words = np.stack([coordinates[part].astype("<u4"),
                          center.values[coordinates[part]].astype("<f4").view("<u4"),
                          values[part].astype("<f4").view("<u4")], axis=1)
        check = _fnv1a(words.tobytes(), check)
    if check != expected:
        raise PolystepError("a lease's check value is not that of its decoded candidates")
    differ = values != center.values[coordinates]
    starts = np.concatenate([[0], np.cumsum(differ)])[ends]
    return LeaseChanges(center, starts, coordinates[differ], values[differ])


def _values(values: Any, bits: bytes, count: int) -> Floats:
    if values or not bits:
        return np.array(values, dtype=np.float32)
    unpacked = np.unpackbits(np.frombuffer(bits, dtype=np.uint8), bitorder="little")
    return unpacked[:count].astype(np.float32)


def _fnv1a(data: bytes, state: int = 14695981039346656037) -> int:
    for byte in data:
        state = (state ^ byte) * 1099511628211 & 0xFFFFFFFFFFFFFFFF
    return state


class CenterCache:
    """The centers of the last two steps, shared by all slots and fetched once."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: list[Center] = []

    def __getstate__(self) -> tuple[()]:
        return ()

    def __setstate__(self, _: tuple[()]) -> None:
        self._lock = threading.Lock()
        self._kept = []

    def get(self, client: Client, study: str, center_id: str) -> Center:
        """Raises CenterGone or a ServerError."""
        with self._lock:
            for center in self._kept:
                if center.id == center_id:
                    return center
            known = self._kept[0] if self._kept else None
            for _ in range(_ATTEMPTS):
                center = Center(center_id, _fetch(client, study, center_id, known))
                if xxhash.xxh3_128_hexdigest(center.values.tobytes()) == center_id:
                    break
                known = None  # whole, whatever went wrong
            else:
                raise PolystepError(f"what came as center {center_id} is something else")
            center.values.flags.writeable = False
            self._kept = [center, *self._kept[:1]]
            return center


def _fetch(client: Client, study: str, center_id: str, known: Center | None) -> Floats:
    request = evaluation_service_pb2.GetCenterRequest(
        study=study, center_id=center_id, known_center_id=known.id if known else "")
    values: Floats = np.zeros(0, dtype=np.float32)
    base = ""
    first = True
    try:
        for chunk in client.stream("GetCenter", request, timeout=120.0):
            if first:
                base = chunk.base_id
                values = known.values.copy() if base and known else np.zeros(
                    chunk.dimension, dtype=np.float32)
                first = False
            part = _values(chunk.values, chunk.bits, chunk.bit_count)
            if not base:
                values[chunk.offset:chunk.offset + len(part)] = part
                continue
            for offset, piece in _runs(chunk, part):
                values[offset:offset + len(piece)] = piece
    except ServerError as error:
        if error.code == grpc.StatusCode.NOT_FOUND:
            raise CenterGone(str(error)) from None
        raise
    return values.astype("<f4", copy=False)


def _runs(chunk: Any, part: Floats) -> Iterator[tuple[int, Floats]]:
    begin = 0
    for offset, size in zip(chunk.run_offsets, chunk.run_sizes):
        yield offset, part[begin:begin + size]
        begin += size
