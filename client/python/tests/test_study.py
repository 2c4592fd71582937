"""Studies against a real server: spaces, limits, life cycle, ask and tell by hand."""

from __future__ import annotations

import math
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from functions import bowl, mixed
from polystep_client import (Boolean, Categorical, Client, Discrete, EvaluationError, Infeasible,
                             Integer, InvalidArgument, LocalServer, Point, Real, ServerUnavailable, Solution, Step,
                             Study, StudyExists, StudyInfo, StudyNotFound, StudyPaused, Tensor,
                             Transient, maximize, minimize)

PLANE = {"x": Real(-5, 5), "y": Real(-5, 5)}
MIXED = {"x": Real(0, 1), "n": Integer(1, 9), "r": Discrete([1.0, 2.2, 4.7, 10.0]),
         "kind": Categorical(["a", "b", "c"]), "flag": Boolean(), "w": Tensor((2, 3), -1, 1)}


def test_typed_space_minimised_reaches_the_optimum(client: Client, name: str) -> None:
    study = Study.create(name, MIXED, server=client, seed=1, max_evaluations=6000,
                         target_loss=1e-3)
    seen = []

    def observed(p):  # type: ignore[no-untyped-def]
        seen.append(dict(p))
        return mixed(p)

    best = study.minimize(observed)
    assert best is not None and best.loss is not None and best.loss <= 1e-3
    types = {key: type(value) for key, value in seen[0].items()}
    assert types == {"x": float, "n": int, "r": float, "kind": str, "flag": bool, "w": np.ndarray}
    assert seen[0]["w"].shape == (2, 3) and seen[0]["w"].dtype == np.float32
    assert {p["r"] for p in seen} <= {1.0, 2.2, 4.7, 10.0}
    assert best.parameters["n"] == 4 and best.parameters["kind"] == "b"
    assert best.parameters["flag"] is True
    assert best.parameters["w"].shape == (2, 3)
    assert mixed(best.parameters) == pytest.approx(best.loss, abs=1e-6)  # type: ignore[arg-type]
    assert study.state == "SUCCEEDED"


def test_tensors_start_from_arrays_and_npy_files(own_server: LocalServer, name: str,
                                                tmp_path: Path) -> None:
    array = np.linspace(-1, 1, 300_000).reshape(2, 150_000)  # more than one message
    path = tmp_path / "b.npy"
    np.save(path, np.asfortranarray(np.arange(6, dtype=np.int64).reshape(3, 2)))
    space = {"a": Tensor(array.shape, initial=array),
             "b": Tensor((3, 2), 0, 9, kind="integer", initial=path)}
    study = Study.create(name, space, server=own_server.target, seed=1,
                         optimizer="POLYSTEP_BLOCK", max_steps=1)
    Study.create(name, space, server=own_server.target, seed=1, optimizer="POLYSTEP_BLOCK",
                 max_steps=1)
    digest = study.trajectory_digest
    own_server.kill()
    own_server.start()
    center = study.center
    assert center is not None and study.trajectory_digest == digest
    assert np.array_equal(center.parameters["a"], array.astype(np.float32))
    assert np.array_equal(center.parameters["b"], np.load(path))


def test_start_values_that_do_not_fit_are_refused(client: Client, name: str) -> None:
    with pytest.raises(ValueError, match="shape"):
        Study.create(name, {"w": Tensor((3,), initial=np.zeros(4))}, server=client)
    with pytest.raises(ValueError, match="both init and initial"):
        Study.create(name, {"w": Tensor((3,), init="normal", initial=np.zeros(3))}, server=client)
    with pytest.raises(InvalidArgument, match="value 2 is 1.5"):
        Study.create(name, {"w": Tensor((3,), -1, 1, initial=np.array([0, 1, 1.5]))}, server=client)
    with pytest.raises(InvalidArgument, match="finite"):
        Study.create(name, {"w": Tensor((3,), initial=np.array([0, 1, np.nan]))}, server=client)


def test_tensors_only_are_sent_dense_with_their_shapes(client: Client, name: str) -> None:
    target = np.linspace(-1, 1, 6, dtype=np.float32).reshape(3, 2)
    study = Study.create(name, {"a": Tensor((3, 2)), "b": Tensor((4,), init="constant", constant=2)},
                         server=client, seed=1, max_evaluations=400)
    shapes = set()

    def loss(p):  # type: ignore[no-untyped-def]
        shapes.add((p["a"].shape, p["b"].shape))
        return np.sum((p["a"] - target) ** 2) + np.sum((p["b"] - 1) ** 2)

    best = study.minimize(loss)
    assert shapes == {((3, 2), (4,))}
    assert best is not None and best.loss is not None
    assert best.loss < float(np.sum(target ** 2)) + 4
    assert loss(best.parameters) == pytest.approx(best.loss, rel=1e-5)
    assert study.center is not None and study.center.parameters["a"].shape == (3, 2)


def test_maximize_keeps_the_users_sign(client: Client, name: str) -> None:
    study = Study.create(name, PLANE, server=client, goal="maximize", seed=1, max_evaluations=600)
    with pytest.raises(ValueError, match="call maximize"):
        study.minimize(bowl)
    best = study.maximize(lambda p: 10.0 - bowl(p))
    assert best is not None and best.loss is not None and 9.9 < best.loss <= 10.0
    assert study.info().goal == "maximize"


def test_target_loss_ends_the_study_early(client: Client, name: str) -> None:
    study = Study.create(name, PLANE, server=client, seed=1, max_evaluations=5000, target_loss=0.01)
    best = study.minimize(bowl)
    info = study.info()
    assert best is not None and best.loss is not None and best.loss <= 0.01
    assert info.state == "SUCCEEDED" and info.evaluations < 5000


def test_evaluations_never_pass_their_limit(client: Client, name: str) -> None:
    study = Study.create(name, PLANE, server=client, seed=1, max_evaluations=137)
    calls = []
    study.minimize(lambda p: calls.append(1) or bowl(p))  # type: ignore[func-returns-value]
    assert study.evaluations <= 137
    assert len(calls) >= study.evaluations


def test_steps_chain_their_digests_and_watch_sees_them_all(client: Client, name: str) -> None:
    study = Study.create(name, PLANE, server=client, seed=1, max_steps=12)
    watched: list[Step | StudyInfo] = []
    watcher = threading.Thread(target=lambda: watched.extend(study.watch()))
    watcher.start()
    study.minimize(bowl)
    watcher.join(timeout=60)
    assert not watcher.is_alive()
    steps = list(study.steps())
    assert [step.step for step in steps] == list(range(12))
    assert steps[-1].digest == study.trajectory_digest
    assert len({step.digest for step in steps}) == 12
    assert [w for w in watched if isinstance(w, Step)] == steps
    assert isinstance(watched[-1], StudyInfo) and watched[-1].state == "SUCCEEDED"
    assert [step.step for step in study.steps(first_step=9)] == [9, 10, 11]


def test_pause_resume_delete_change_the_state(client: Client, name: str) -> None:
    study = Study.create(name, PLANE, server=client, seed=1, max_evaluations=50)
    study.pause()
    assert study.state == "PAUSED"
    assert study.ask() is None
    with pytest.raises(StudyPaused):
        study.minimize(bowl)
    study.resume()
    assert study.state == "ACTIVE"
    assert study.minimize(bowl) is not None
    study.delete()
    with pytest.raises(StudyNotFound):
        Study.get(name, server=client)


def test_create_again_finds_the_study_and_other_content_is_refused(client: Client,
                                                                   name: str) -> None:
    first = Study.create(name, PLANE, server=client, seed=1, max_evaluations=50)
    again = Study.create(name, PLANE, server=client, seed=1, max_evaluations=50)
    assert again.info().uid == first.info().uid
    with pytest.raises(StudyExists):
        Study.create(name, PLANE, server=client, seed=2, max_evaluations=50)


def test_violations_rank_behind_every_feasible_loss(client: Client, name: str) -> None:
    study = Study.create(name, PLANE, server=client, seed=1, max_evaluations=600)
    best = study.minimize(lambda p: (bowl(p), max(0.0, 2.0 - p["x"])))
    assert best is not None and best.loss is not None
    assert best.violation == 0.0 and best.parameters["x"] >= 2.0 and best.loss < 1.1


def test_nothing_feasible_shows_the_smallest_violation(client: Client, name: str) -> None:
    study = Study.create(name, PLANE, server=client, seed=1, max_evaluations=100, target_loss=5.0)
    best = study.minimize(lambda p: (0.0, 1.0 + bowl(p)))
    assert best is not None and best.loss == 0.0 and best.violation > 1.0
    assert study.evaluations > 80  # the target is for feasible points


@pytest.mark.parametrize("bad", [(1.0, -0.5), (1.0, float("inf")), (1.0, 2.0, 3.0), (1.0, None)])
def test_bad_violation_is_an_error_of_the_function(client: Client, name: str, bad: Any) -> None:
    study = Study.create(name, PLANE, server=client, seed=1, max_evaluations=50)
    with pytest.raises(EvaluationError, match="neither a number nor a loss with its violation"):
        study.minimize(lambda p: bad)


def test_hand_tell_of_violations(client: Client, name: str) -> None:
    study = Study.create(name, PLANE, server=client, seed=1, max_evaluations=60,
                         optimizer={"parallelism": 16})
    lease = study.ask(3, wait=5)
    assert lease is not None
    assert study.tell(lease, [1.0, (2.0, 0.5), Infeasible("no")]).accepted == 3
    assert study.tell(lease, [1.0, (2.0, 0.5), None]).duplicate == 2
    assert study.tell(lease, {1: (2.0, 0.25), 0: (1.0, 0.0)}).conflicting == 1


def test_hand_ask_and_tell_completes_a_study(client: Client, name: str) -> None:
    study = Study.create(name, PLANE, server=client, seed=1, max_evaluations=60)
    told = 0
    while (lease := study.ask(7, wait=5)) is not None:
        assert len(lease) <= 7
        result = study.tell(lease, [bowl(candidate) for candidate in lease])
        assert result.accepted == len(lease) and result.conflicting == 0
        told += result.accepted
    assert study.state == "SUCCEEDED" and study.evaluations == told


def test_hand_tell_partial_repeated_and_released(client: Client, name: str) -> None:
    study = Study.create(name, PLANE, server=client, seed=1, max_evaluations=600,
                         optimizer={"parallelism": 16})
    lease = study.ask(4, worker="a", ttl=600)
    assert lease is not None and len(lease) >= 2
    losses: list[float | None] = [bowl(candidate) for candidate in lease]
    assert study.tell(lease, {0: losses[0]}).accepted == 1
    repeat = study.tell(lease, [losses[0], None] + [None] * (len(lease) - 2))
    assert (repeat.accepted, repeat.duplicate) == (0, 1)
    other = study.tell(lease, {0: 12345.0})
    assert (other.accepted, other.conflicting) == (0, 1)
    assert study.renew(lease)
    study.release(lease)
    taken = study.ask(100, worker="b")
    assert taken is not None and taken.step == lease.step
    with pytest.raises(ValueError, match="losses for a lease of"):
        study.tell(lease, [1.0] * (len(lease) + 1))
    with pytest.raises(ValueError, match="outside a lease"):
        study.tell(lease, {len(lease): 1.0})


def test_hand_tell_failures_are_counted(client: Client, name: str) -> None:
    study = Study.create(name, PLANE, server=client, seed=1, max_evaluations=600,
                         optimizer={"parallelism": 16})
    lease = study.ask(3)
    assert lease is not None and len(lease) == 3
    study.tell(lease, [Infeasible("short circuit"), Transient("bench was busy"), math.nan])
    counters = study.info().counters
    assert (counters.infeasible, counters.transient) == (2, 1)


def test_initial_point_is_the_first_best(client: Client, name: str) -> None:
    study = Study.create(name, PLANE, server=client, seed=1, max_evaluations=100,
                         initial_points=[Point({"x": 1.0, "y": -2.0})])
    best = study.minimize(bowl)
    assert best is not None and best.loss == pytest.approx(0.0, abs=1e-9)


def test_bad_specifications_name_the_field(client: Client, name: str) -> None:
    with pytest.raises(InvalidArgument) as refused:
        Study.create(name, {"x": Real(2, 1)}, server=client)
    assert refused.value.violations and "parameters[0]" in refused.value.violations[0].field
    with pytest.raises(TypeError, match="parameter 'x' is a tuple"):
        Study.create(name, {"x": (0, 1)}, server=client)  # type: ignore[dict-item]
    with pytest.raises(ValueError, match="unknown scale"):
        Study.create(name, {"x": Real(0, 1, "cubic")}, server=client)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="goal"):
        Study.create(name, PLANE, server=client, goal="best")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="optimizer"):
        Study.create(name, PLANE, server=client, optimizer={"no_such_field": 1})


def test_unknown_study_and_server_are_told_apart(client: Client, polystepd: str) -> None:
    with pytest.raises(StudyNotFound):
        Study.get("nobody-made-this", server=client)
    # Port 1 is reserved: nothing listens there.
    with pytest.raises(ServerUnavailable):
        Study.get("x", server=Client("127.0.0.1:1", retry_for=0.2))


def test_server_info_tells_its_version(client: Client) -> None:
    info = client.server_info()
    assert info.version and info.max_wait > 0


def test_local_minimize_starts_a_server_and_resumes_by_name(
        polystepd: str, tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setenv("POLYSTEPD", polystepd)
    best = minimize(bowl, PLANE, seed=1, max_evaluations=300)
    assert isinstance(best, Solution) and best.loss is not None and best.loss < 1.0
    calls = []

    def breaks(p):  # type: ignore[no-untyped-def]
        calls.append(1)
        if len(calls) == 50:
            raise KeyboardInterrupt
        return bowl(p)

    arguments = {"data": tmp_path / "data", "name": "again", "seed": 1, "max_evaluations": 300}
    with pytest.raises(KeyboardInterrupt):
        minimize(breaks, PLANE, **arguments)  # type: ignore[arg-type]
    rest = []
    again = minimize(lambda p: rest.append(1) or bowl(p), PLANE,  # type: ignore[func-returns-value]
                     **arguments)  # type: ignore[arg-type]
    assert again.loss == best.loss and len(rest) <= 300 - 40
    assert maximize(lambda p: -bowl(p), PLANE, seed=1, max_evaluations=100).loss <= 0.0  # type: ignore[operator]
    with pytest.raises(ValueError, match="never return"):
        minimize(bowl, PLANE)
