"""Candidates of frames, whose directions are made again here. See SubspaceCandidates in
candidates.proto."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from polystep_client._block import Center, LeaseChanges, changes_of
from polystep_client.errors import PolystepError


def numbers(seed: int, direction: int, count: int) -> npt.NDArray[np.int64]:
    """The first numbers of a direction, whole ones from -1020 to 1020: the same in every language."""
    place = (np.uint64(direction) << np.uint64(32)) + np.arange(1, count + 1, dtype=np.uint64)
    with np.errstate(over="ignore"):
        z = np.uint64(seed) + np.uint64(0x9E3779B97F4A7C15) * place
        z = (z ^ z >> np.uint64(30)) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ z >> np.uint64(27)) * np.uint64(0x94D049BB133111EB)
    z ^= z >> np.uint64(31)
    return z.astype("<u8").view(np.uint8).reshape(count, 8).sum(axis=1, dtype=np.int64) - 1020


def decode_frames(frames: Any, count: int, center: Center) -> LeaseChanges:
    """Raises PolystepError where the message does not hold what it promises."""
    k = frames.direction_count
    moved = count - frames.unchanged
    starts = np.array(frames.frame_starts, dtype=np.int64)
    sizes = np.array(frames.frame_sizes, dtype=np.int64)
    of = (frames.first_in_frame + np.arange(moved)) // max(1, frames.candidates_per_frame)
    if (len(frames.coordinates) != moved * k or len(starts) != len(sizes)
            or (moved and len(starts) != of[-1] + 1)
            or np.any(starts + sizes > len(center.values))):
        raise PolystepError("a lease's frames are not inside its center")
    factors = np.array(frames.coordinates, dtype=np.float64).reshape(moved, k)
    parts = [np.zeros(0, dtype=np.float32)]
    for f, (start, size) in enumerate(zip(starts, sizes)):
        first = k * (frames.first_frame + f)
        directions = [numbers(frames.direction_seed, first + j, size) for j in range(k)]
        base = center.values[start:start + size].astype(np.float64)
        for row in factors[of == f]:
            offset = np.zeros(size)
            for factor, direction in zip(row, directions):
                offset += factor * direction
            parts.append((base + offset).astype(np.float32))
    return changes_of(center, frames.unchanged, starts[of], sizes[of], np.concatenate(parts),
                      frames.check)
