"""Block-encoded candidates against a real server."""

from __future__ import annotations

import json
import pickle
from pathlib import Path

import numpy as np
import pytest

from polystep_client import Client, Infeasible, PolystepError, Study, Tensor
from polystep_client._block import decode
from polystep_client._frames import numbers
from polystep_client._generated.polystep.v1 import evaluation_service_pb2 as pb

FLIPS = {"a": Tensor((6, 5), kind="binary"), "b": Tensor((9,), kind="binary")}
MIXED = {"w": Tensor((5, 3), -2, 2, init="uniform"),
         "n": Tensor((7,), -3, 3, kind="integer"), "f": Tensor((4,), kind="binary")}
FLIP = {"method": "POLYSTEP_FLIP", "parallelism": 39}
BLOCK = {"method": "POLYSTEP_BLOCK", "particle_dim": 4, "probes": 2}


ROWS_SPACE = {"w": Tensor((5, 9), init="uniform"), "v": Tensor((3, 6)), "b": Tensor((4,))}
ROWS = {"method": "POLYSTEP_ROWS", "frame_size": 3}


def ask(study: Study, encoding: int, most: int) -> pb.Lease | None:
    request = pb.AskRequest(study=study.name, worker="w", max_evaluations=most,
                            encodings=[encoding])
    request.wait.FromSeconds(5)
    response = study.client.call("Ask", request)
    return response.lease if response.HasField("lease") else None


@pytest.mark.parametrize("space, optimizer, encoding", [
    (FLIPS, FLIP, "block"), (MIXED, BLOCK, "block"), (ROWS_SPACE, ROWS, "block"),
    (ROWS_SPACE, ROWS, "subspace")])
def test_every_candidate_is_the_dense_one_bit_for_bit(
        client: Client, name: str, space: dict, optimizer: dict, encoding: str) -> None:
    block, dense = (Study.create(name + suffix, space, server=client, optimizer=optimizer, seed=3,
                                 max_steps=4) for suffix in "bd")
    compared = 0
    number = pb.AskRequest.Encoding.Value(encoding.upper())
    while (proto := ask(block, number, 13)) is not None:
        assert proto.WhichOneof("candidates") == encoding
        lease = block.lease_from(proto)
        whole = []
        while len(whole) < len(lease):
            other = ask(dense, pb.AskRequest.DENSE, len(lease) - len(whole))
            assert other is not None and other.first_index == lease.first_index + len(whole)
            rows = dense.lease_from(other)
            losses = [float(np.sum((row.vector() - 0.4) ** 2)) for row in rows]
            dense.tell(rows, losses)
            whole += list(rows)
        for one, two in zip(lease, whole):
            coordinates, values = one.changes()
            assert np.array_equal(one.vector(), two.vector())
            assert np.array_equal(np.flatnonzero(one.vector() != one.center), coordinates)
            assert np.array_equal(one.vector()[coordinates], values)
            assert two.center is None and two.changes() is None
            assert all(np.array_equal(one[key], two[key]) for key in space)
            compared += 1
        block.tell(lease, [float(np.sum((row.vector() - 0.4) ** 2)) for row in lease])
    assert compared > 100
    assert block.trajectory_digest == dense.trajectory_digest


def test_directions_are_those_of_the_golden_vectors() -> None:
    file = Path(__file__).parents[3] / "tests" / "golden" / "directions.json"
    vectors = json.loads(file.read_text())["vectors"]
    for seed, direction, element, expected in vectors:
        if element < 10_000:
            assert numbers(int(seed), direction, element + 1)[element] == expected
    assert len(vectors) == 48


def test_a_candidate_of_changes_is_still_a_dictionary(client: Client, name: str) -> None:
    study = Study.create(name, FLIPS, server=client, optimizer=FLIP, seed=1, max_steps=1)
    lease = study.ask(5, wait=5)
    assert lease is not None
    candidate = lease[1]
    assert candidate.center_id and not candidate.center.flags.writeable
    assert len(candidate) == 2 and list(candidate) == ["a", "b"] and "a" in candidate
    assert candidate.get("nothing", 7) == 7
    assert candidate["a"].shape == (6, 5) and dict(**candidate).keys() == {"a", "b"}
    assert json.dumps({key: value.tolist() for key, value in lease[2].items()})
    assert sum(value.size for value in lease[3].values()) == 39
    with pytest.raises(KeyError):
        candidate["nothing"]
    again = pickle.loads(pickle.dumps(study)).ask(2, wait=5)
    assert again is not None and again[1].center_id == candidate.center_id


def test_a_worker_evaluates_incrementally(client: Client, name: str) -> None:
    wanted = (np.arange(2000) % 3 == 0).astype(np.float32)
    study = Study.create(name, {"b": Tensor((2000,), kind="binary")}, server=client, seed=1,
                         optimizer={"method": "POLYSTEP_FLIP", "parallelism": 2001}, max_steps=12)
    centers: dict[str, float] = {}

    def loss(p):  # type: ignore[no-untyped-def]
        if p.center_id not in centers:
            centers[p.center_id] = float(np.sum(p.center != wanted))
        coordinates, values = p.changes()
        better = values == wanted[coordinates]
        return centers[p.center_id] - float(np.sum(np.where(better, 1, -1)))

    best = study.minimize(loss)
    assert best is not None and best.loss is not None and best.loss < 300
    assert np.sum(best.parameters["b"] != wanted) == best.loss
    assert len(centers) <= 12


def test_a_wrong_center_or_decoder_is_caught(client: Client, name: str) -> None:
    study = Study.create(name, FLIPS, server=client, optimizer=FLIP, seed=1, max_steps=1)
    proto = ask(study, pb.AskRequest.BLOCK, 8)
    assert proto is not None
    center = study._centers.get(client, study.name, proto.block.center_id)
    decode(proto.block, proto.count, center)
    wrong = pb.Lease()
    wrong.CopyFrom(proto)
    wrong.block.offsets[-1] ^= 1
    with pytest.raises(PolystepError, match="check"):
        decode(wrong.block, wrong.count, center)
    del wrong.block.offsets[-1]
    with pytest.raises(PolystepError):
        decode(wrong.block, wrong.count, center)


def test_the_next_center_comes_as_a_difference(client: Client, name: str) -> None:
    study = Study.create(name, {"b": Tensor((40_000,), kind="binary")}, server=client, seed=1,
                         optimizer={"method": "POLYSTEP_FLIP", "parallelism": 64}, max_steps=3)
    centers = []
    while (lease := study.ask(100, wait=5)) is not None:
        if lease[0].center_id not in centers:
            centers.append(lease[0].center_id)
        if len(centers) == 2:
            break
        # Flips that are feasible are better than the center: many of these few are taken.
        study.tell(lease, [-float(len(candidate.changes()[0])) if candidate.index % 5 == 0
                           else Infeasible("not a fifth") for candidate in lease])
    chunks = list(client.stream("GetCenter", pb.GetCenterRequest(
        study=study.name, center_id=centers[1], known_center_id=centers[0])))
    moved = int(np.sum(study._centers.get(client, study.name, centers[1]).values !=
                       study._centers.get(client, study.name, centers[0]).values))
    assert chunks[0].base_id == centers[0] and chunks[0].dimension == 40_000, moved
    assert sum(chunks[0].run_sizes) == moved > 0
