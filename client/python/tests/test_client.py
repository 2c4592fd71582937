"""What the client does with answers that a healthy server rarely gives."""

from __future__ import annotations

import pickle
import threading
from collections.abc import Iterator

import grpc
import numpy as np
import pytest

from fake_server import STUDY, FakeServer, Refusal, ended, given, lease
from polystep_client import (Client, Infeasible, Lease, LeaseFenced, ServerError,
                             ServerUnavailable, Study, Transient, _slot)
from polystep_client._generated.polystep.v1 import evaluation_service_pb2 as pb
from polystep_client._generated.polystep.v1 import study_service_pb2
from polystep_client._outcomes import slices
from polystep_client.records import solution_from_chunks

Code = grpc.StatusCode


@pytest.fixture
def fake() -> Iterator[FakeServer]:
    server = FakeServer()
    yield server
    server.stop()


@pytest.fixture
def study(fake: FakeServer) -> Study:
    return Study(STUDY, fake.client)


def losses_by_index(fake: FakeServer) -> dict[int, float]:
    told = {}
    for request in fake.calls("Tell"):
        for part in request.slices:
            told.update({part.first_index + i: loss for i, loss in enumerate(part.losses)})
    return told


@pytest.mark.parametrize("refusal", [
    Refusal(Code.UNAVAILABLE), Refusal(Code.CANCELLED), Refusal(Code.DEADLINE_EXCEEDED),
    Refusal(Code.UNAVAILABLE, "DRAINING", delay=0.01),
    Refusal(Code.RESOURCE_EXHAUSTED, "TOO_MANY_WAITERS", delay=0.01)])
def test_ask_is_retried_under_its_request_id(fake: FakeServer, study: Study,
                                             refusal: Refusal) -> None:
    fake.script["Ask"].extend([refusal, refusal, given(lease(2, b"t"))])
    taken = study.ask()
    assert taken is not None and len(taken) == 2
    ids = [request.request_id for request in fake.calls("Ask")]
    assert len(ids) == 3 and len(set(ids)) == 1 and ids[0]


def test_deadline_of_a_study_call_is_not_retried(fake: FakeServer, study: Study) -> None:
    fake.script["GetStudy"].append(Refusal(Code.DEADLINE_EXCEEDED))
    with pytest.raises(ServerError) as refused:
        study.info()
    assert refused.value.code == Code.DEADLINE_EXCEEDED
    assert len(fake.calls("GetStudy")) == 1


def test_full_queue_without_a_delay_is_not_retried(fake: FakeServer, study: Study) -> None:
    fake.script["Ask"].append(Refusal(Code.RESOURCE_EXHAUSTED, "QUOTA"))
    with pytest.raises(ServerError, match="QUOTA"):
        study.ask()
    assert len(fake.calls("Ask")) == 1


def test_retries_end_after_retry_for(fake: FakeServer) -> None:
    fake.script["GetStudy"].extend([Refusal(Code.UNAVAILABLE, "DRAINING", delay=3600)])
    with pytest.raises(ServerUnavailable) as refused:
        Study(STUDY, fake.client).info()
    assert refused.value.reason == "DRAINING" and refused.value.retry_delay == 3600


def test_errors_survive_pickling(fake: FakeServer, study: Study) -> None:
    fake.script["Ask"].append(Refusal(Code.FAILED_PRECONDITION, "LEASE_FENCED"))
    with pytest.raises(LeaseFenced) as refused:
        study.ask()
    copy = pickle.loads(pickle.dumps(refused.value))
    assert type(copy) is LeaseFenced and copy.reason == "LEASE_FENCED"
    assert str(copy) == str(refused.value)


def test_client_and_study_survive_pickling(fake: FakeServer, study: Study) -> None:
    study.info()
    copy = pickle.loads(pickle.dumps(study))
    assert copy.info() == study.info()
    copy.client.close()


def test_client_without_a_target_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("POLYSTEP_SERVER", raising=False)
    with pytest.raises(ValueError, match="POLYSTEP_SERVER"):
        Client()


def test_worker_tells_every_loss_and_asks_in_the_same_call(fake: FakeServer, study: Study) -> None:
    fake.script["Ask"].append(given(lease(3, b"t", first_index=5)))
    study.worker(lambda p: 10 * p["x"]).run()
    assert losses_by_index(fake) == {5: 0.0, 6: 10.0, 7: 20.0}
    assert len(fake.calls("Ask")) == 1
    assert [t.next.study for t in fake.calls("Tell") if t.HasField("next")] == [STUDY]


def test_worker_fetches_the_next_lease_while_it_evaluates(fake: FakeServer, study: Study) -> None:
    """The second lease is asked for before the first one's evaluations are all done."""
    fake.script["Ask"].append(given(lease(3, b"t")))
    asked = threading.Event()

    def asks(request: pb.TellRequest) -> pb.TellResponse:
        asked.set()
        return pb.TellResponse(accepted=1, next=ended())

    fake.script["Tell"].append(asks)
    worker = study.worker(lambda p: 0.0 if p["x"] == 0 else float(asked.wait(60)))
    worker.run()
    assert losses_by_index(fake) == {0: 0.0, 1: 1.0, 2: 1.0}
    assert len(fake.calls("Tell")) == 2 and not fake.calls("Tell")[1].HasField("next")


def test_worker_goes_on_telling_while_a_poll_waits(fake: FakeServer, study: Study) -> None:
    """With one worker a poll for the next step is answered only after the last tell of this one."""
    fake.script["Ask"].append(given(lease(4, b"t")))

    def waits(request: pb.TellRequest) -> pb.TellResponse:
        fake.wait_for(lambda: len(fake.requests["Tell"]) >= 2)
        return pb.TellResponse(accepted=1, next=ended())

    fake.script["Tell"].append(waits)
    study.worker(lambda p: p["x"]).run()
    assert losses_by_index(fake) == {0: 0.0, 1: 1.0, 2: 2.0, 3: 3.0}


def test_worker_skips_what_others_answered(fake: FakeServer, study: Study) -> None:
    fake.script["Ask"].append(given(lease(4, b"t")))
    fake.script["Tell"].append(pb.TellResponse(
        accepted=1, next=ended(), not_needed=[pb.IndexRange(first_index=2, count=2)]))
    evaluated = []

    def loss(p):  # type: ignore[no-untyped-def]
        evaluated.append(p["x"])
        if p["x"] == 1:  # the first tell has been answered by now
            worker._slots[0]._asking.answer.result(60)
        return 0.0

    worker = study.worker(loss)
    worker.run()
    assert evaluated == [0.0, 1.0]


def test_worker_drops_a_fenced_lease_and_asks_again(fake: FakeServer, study: Study) -> None:
    fake.script["Ask"].extend([given(lease(1, b"old")), given(lease(1, b"new")), ended()])
    fake.script["Tell"].append(Refusal(Code.FAILED_PRECONDITION, "LEASE_FENCED"))
    study.worker(lambda p: 0.0).run()
    assert [request.token for request in fake.calls("Tell")] == [b"old", b"new"]


def test_worker_renews_a_lease_that_takes_long(fake: FakeServer, study: Study) -> None:
    fake.script["Ask"].append(given(lease(1, b"t", ttl=0.3)))

    def slow(p):  # type: ignore[no-untyped-def]
        fake.wait_for(lambda: len(fake.requests["Renew"]) >= 3)
        return 0.0

    study.worker(slow).run()
    assert all(list(request.tokens) == [b"t"] for request in fake.calls("Renew"))


def test_stopped_worker_tells_what_it_knows_and_releases_the_rest(fake: FakeServer,
                                                                  study: Study) -> None:
    fake.script["Ask"].append(given(lease(10, b"t")))

    def loss(p):  # type: ignore[no-untyped-def]
        if p["x"] == 3:
            worker.stop()
        return p["x"]

    worker = study.worker(loss)
    worker.run()
    last = fake.calls("Tell")[-1]
    assert last.release_rest and list(last.slices[0].losses) == [0.0, 1.0, 2.0, 3.0]


def test_stopped_worker_gives_back_a_lease_it_was_only_waiting_for(fake: FakeServer,
                                                                   study: Study) -> None:
    """The poll is cancelled, but its answer may be a lease by then."""
    release_poll = threading.Event()

    def waits(request: pb.AskRequest) -> pb.AskResponse:
        worker.stop()
        release_poll.wait(60)
        return given(lease(1, b"late"))

    fake.script["Ask"].extend([waits, given(lease(1, b"late"))])
    worker = study.worker(lambda p: 0.0)
    worker.run()
    release_poll.set()
    first, second = fake.calls("Ask")
    assert first.request_id == second.request_id
    assert [list(request.tokens) for request in fake.calls("Release")] == [[b"late"]]


def test_lease_is_a_sequence_of_candidates() -> None:
    proto = lease(3, b"t", first_index=4)
    proto.evaluation_seed = 2**63
    proto.purpose = pb.Lease.SCORE
    proto.named.columns.add(name="w").tensor.values.extend(range(12))
    taken = Lease(proto, {"w": (2, 2)})
    assert [p["x"] for p in taken] == [0.0, 1.0, 2.0]
    assert taken[-1].index == 6 and taken[-1].seed == 2**63 and taken[-1].purpose == "score"
    np.testing.assert_array_equal(taken[1]["w"], np.array([[4, 5], [6, 7]], np.float32))
    assert len(taken[1:]) == 2
    with pytest.raises(IndexError):
        taken[3]


def test_outcomes_become_runs_of_consecutive_indices() -> None:
    taken = Lease(lease(6, b"t", first_index=10), {})
    parts = slices(taken, [1.0, None, Infeasible("no"), 3.0, None, Transient("x" * 9999)])
    assert [(part.first_index, list(part.losses)) for part in parts] == [
        (10, [1.0]), (12, [0.0, 3.0]), (15, [0.0])]
    assert [(f.index, f.kind) for f in parts[1].failures] == [(12, pb.Failure.INFEASIBLE)]
    assert parts[2].failures[0].kind == pb.Failure.TRANSIENT
    assert len(parts[2].failures[0].message) <= 200


def test_solution_is_put_together_from_pieces() -> None:
    first = study_service_pb2.SolutionChunk()
    first.solution.loss = 0.5
    first.solution.parameters.add(name="kind", categorical="a")
    first.tensors.add(name="w", shape=[2, 3], offset=0, values=[0, 1, 2, 3])
    second = study_service_pb2.SolutionChunk()
    second.tensors.add(name="w", offset=4, values=[4, 5])
    second.tensors.add(name="s", shape=[], offset=0, values=[7])
    found = solution_from_chunks([first, second])
    assert found.loss == 0.5 and found.parameters["kind"] == "a"
    np.testing.assert_array_equal(found.parameters["w"], np.arange(6).reshape(2, 3))
    assert found.parameters["s"] == 7 and found.parameters["s"].shape == ()


def test_lease_asked_for_in_advance_and_not_started_is_given_back(
        fake: FakeServer, study: Study, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_slot, "_IDLE_HOLD_S", 0.05)
    fake.script["Ask"].append(given(lease(2, b"first")))
    fake.script["Tell"].append(pb.TellResponse(next=given(lease(2, b"held", first_index=2))))
    evaluated = []

    def takes_longer_at_the_end(p):  # type: ignore[no-untyped-def]
        evaluated.append(p.index)
        if p.index == 1:  # the next lease was asked for: the first evaluation took no time
            fake.wait_for(lambda: bool(fake.requests["Release"]))
        return float(p.index)

    study.worker(takes_longer_at_the_end).run()
    assert [list(request.tokens) for request in fake.calls("Release")] == [[b"held"]]
    assert evaluated == [0, 1]
    assert losses_by_index(fake) == {0: 0.0, 1: 1.0}


def test_lease_asked_for_in_advance_is_evaluated_when_its_turn_comes_soon(
        fake: FakeServer, study: Study, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_slot, "_IDLE_HOLD_S", 30.0)  # soon, however busy the machine is
    fake.script["Ask"].append(given(lease(2, b"first")))
    fake.script["Tell"].append(pb.TellResponse(next=given(lease(2, b"second", first_index=2))))
    study.worker(lambda p: float(p.index)).run()
    assert fake.calls("Release") == []
    assert losses_by_index(fake) == {0: 0.0, 1: 1.0, 2: 2.0, 3: 3.0}
