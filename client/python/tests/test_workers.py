"""Workers: processes, failures of the function, kills of workers and of the server."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from functions import DiesOnce, TransientOnce, bowl, fails_above_zero, infeasible_above_zero
from polystep_client import (Candidate, Client, EvaluationError, LocalServer, Real, Step, Study,
                             WorkerDied)

PLANE = {"x": Real(-5, 5), "y": Real(-5, 5)}
HERE = Path(__file__).parent


def plane(client: Client | str, name: str, **options: object) -> Study:
    arguments = {"seed": 1, "max_evaluations": 600, "optimizer": {"parallelism": 16}, **options}
    return Study.create(name, PLANE, server=client, **arguments)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def undisturbed(shared_server: str) -> tuple[int, str]:
    """Evaluations and digest of the study that all tests with equal losses must end in."""
    study = plane(shared_server, "undisturbed")
    study.minimize(bowl)
    return study.evaluations, study.trajectory_digest


def test_eight_processes_end_in_the_digest_of_one(client: Client, name: str,
                                                  undisturbed: tuple[int, str]) -> None:
    study = plane(client, name)
    best = study.minimize(bowl, workers=8)
    assert (study.evaluations, study.trajectory_digest) == undisturbed
    assert best is not None and study.info().counters.conflicting == 0


def test_slots_are_threads_of_one_process_with_the_same_digest(
        client: Client, name: str, undisturbed: tuple[int, str]) -> None:
    study = plane(client, name)
    threads = set()

    def observed(p):  # type: ignore[no-untyped-def]
        threads.add(threading.get_ident())
        return bowl(p)

    study.worker(observed, slots=4).run()
    assert 1 <= len(threads) <= 4
    assert (study.evaluations, study.trajectory_digest) == undisturbed


def test_worker_killed_mid_lease_is_replaced_and_nothing_changes(
        client: Client, name: str, tmp_path: Path, undisturbed: tuple[int, str]) -> None:
    study = plane(client, name, evaluation={"lease_ttl": "1s"})
    study.minimize(DiesOnce(tmp_path / "died"), workers=2)
    assert (tmp_path / "died").exists()
    assert (study.evaluations, study.trajectory_digest) == undisturbed


def test_server_killed_mid_run_changes_nothing(own_server: LocalServer, name: str,
                                               undisturbed: tuple[int, str]) -> None:
    study = plane(own_server.target, name)
    at = {100, 250, 400}
    calls = 0

    def kills_the_server(p):  # type: ignore[no-untyped-def]
        nonlocal calls
        calls += 1
        if calls in at:
            own_server.kill()
            own_server.start()
        return bowl(p)

    study.minimize(kills_the_server)
    assert calls >= undisturbed[0]
    assert (study.evaluations, study.trajectory_digest) == undisturbed


def test_watch_goes_on_over_a_restart(own_server: LocalServer, name: str) -> None:
    study = plane(own_server.target, name, max_evaluations=None, max_steps=20)
    watched: list[object] = []
    watcher = threading.Thread(target=lambda: watched.extend(study.watch()))
    watcher.start()
    calls = 0

    def kills_the_server(p):  # type: ignore[no-untyped-def]
        nonlocal calls
        calls += 1
        if calls == 60:
            own_server.kill()
            own_server.start()
        return bowl(p)

    study.minimize(kills_the_server)
    watcher.join(timeout=60)
    assert not watcher.is_alive()
    assert [step.step for step in watched if isinstance(step, Step)] == list(range(20))


def test_infeasible_candidates_are_avoided(client: Client, name: str) -> None:
    study = plane(client, name)
    best = study.minimize(infeasible_above_zero)
    assert best is not None and best.parameters["x"] <= 0
    assert study.info().counters.infeasible > 0


def test_transient_failures_are_tried_again(client: Client, name: str,
                                            undisturbed: tuple[int, str]) -> None:
    study = plane(client, name)
    study.minimize(TransientOnce())
    assert (study.evaluations, study.trajectory_digest) == undisturbed
    assert study.info().counters.transient >= undisturbed[0]


def test_nan_is_infeasible(client: Client, name: str) -> None:
    study = plane(client, name)
    best = study.minimize(lambda p: float("nan") if p["x"] > 0 else bowl(p))
    assert best is not None and best.parameters["x"] <= 0
    assert study.info().counters.infeasible > 0


def test_exception_of_the_function_is_raised_and_leases_are_returned(client: Client,
                                                                     name: str) -> None:
    study = plane(client, name)
    with pytest.raises(EvaluationError, match="ZeroDivisionError: a bug at positive x") as raised:
        study.minimize(fails_above_zero)
    assert raised.value.candidate["x"] > 0  # type: ignore[operator]
    assert isinstance(raised.value.__cause__, ZeroDivisionError)
    # Nothing is held: another worker finishes without waiting for a lease to expire.
    assert study.minimize(bowl) is not None
    assert study.state == "SUCCEEDED"


def test_exception_in_a_process_comes_with_its_traceback(client: Client, name: str) -> None:
    study = plane(client, name)
    with pytest.raises(EvaluationError, match="fails_above_zero") as raised:
        study.minimize(fails_above_zero, workers=2)
    assert raised.value.candidate["x"] > 0  # type: ignore[operator]


def test_exceptions_may_count_as_infeasible(client: Client, name: str) -> None:
    study = plane(client, name)
    best = study.minimize(fails_above_zero, on_error="infeasible")
    assert best is not None and best.parameters["x"] <= 0


def test_result_that_is_no_number_is_an_error(client: Client, name: str) -> None:
    study = plane(client, name)
    with pytest.raises(EvaluationError, match="returned None, which is neither a number nor a loss"):
        study.minimize(lambda p: None)  # type: ignore[arg-type,return-value]


def test_lambda_for_processes_is_refused_with_advice(client: Client, name: str) -> None:
    study = plane(client, name)
    with pytest.raises(TypeError, match="top level of a module"):
        study.minimize(lambda p: 0.0, workers=2)


def test_stop_from_the_function_ends_the_worker(client: Client, name: str) -> None:
    study = plane(client, name)
    worker = study.worker(lambda p: worker.stop() or bowl(p))  # type: ignore[func-returns-value]
    worker.run()
    assert study.state == "ACTIVE"
    assert study.minimize(bowl) is not None


def test_study_stopped_elsewhere_ends_the_worker(client: Client, name: str) -> None:
    study = plane(client, name)
    study.worker(lambda p: study.stop() or bowl(p)).run()  # type: ignore[func-returns-value]
    assert study.state == "STOPPED"


def test_long_evaluation_is_renewed(client: Client, name: str) -> None:
    """The lease lasts 1 s and the evaluation longer; a second worker must not get the candidate."""
    study = plane(client, name, evaluation={"lease_ttl": "1s", "backup_leases": False},
                  max_evaluations=None, max_steps=1)
    calls: list[tuple[int, int]] = []
    lock = threading.Lock()

    def slow(p):  # type: ignore[no-untyped-def]
        with lock:
            calls.append((p.step, p.index))
            first = len(calls) == 1
        if first:
            threading.Event().wait(2.5)
        return bowl(p)

    study.worker(slow, slots=2, max_lease=1).run()
    assert len(calls) == len(set(calls))
    assert study.info().counters.lost == 0


WAITING = """
import sys
from pathlib import Path
from functions import Waits
from polystep_client import Study
if __name__ == "__main__":
    study = Study.get(sys.argv[2], server=sys.argv[1])
    study.minimize(Waits(Path(sys.argv[3])), workers=int(sys.argv[4]))
"""


@contextlib.contextmanager
def waiting_script(folder: Path, server: str, name: str,
                   workers: int) -> Iterator[subprocess.Popen[bytes]]:
    """A script whose evaluation has begun and never ends. Whatever the test does, nothing of it is
    left."""
    os.mkfifo(folder / "pipe")
    (folder / "main.py").write_text(WAITING)
    process = subprocess.Popen(
        [sys.executable, str(folder / "main.py"), server, name, str(folder / "pipe"), str(workers)],
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(HERE), *sys.path])},
        stderr=subprocess.PIPE, start_new_session=True)
    try:
        with open(folder / "pipe") as pipe:
            pipe.readline()
            yield process
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_terminated_worker_returns_its_lease_at_once(
        shared_server: str, name: str, tmp_path: Path, workers: int, how: signal.Signals) -> None:
    study = plane(shared_server, name, evaluation={"lease_ttl": "3600s", "backup_leases": False},
                  max_evaluations=100)
    with waiting_script(tmp_path, shared_server, name, workers) as process:
        process.send_signal(how)
        # Ends when the last process that inherited standard error has ended.
        _, errors = process.communicate(timeout=60)
    assert process.returncode == -how, errors
    assert study.minimize(bowl) is not None
    assert study.state == "SUCCEEDED"


def test_processes_end_with_a_killed_parent(shared_server: str, name: str, tmp_path: Path) -> None:
    plane(shared_server, name)
    with waiting_script(tmp_path, shared_server, name, 2) as process:
        process.kill()
        process.communicate(timeout=60)  # as above


def test_main_script_without_guard_is_explained(shared_server: str, name: str,
                                                tmp_path: Path) -> None:
    plane(shared_server, name)
    (tmp_path / "main.py").write_text(
        "import sys\nfrom functions import bowl\nfrom polystep_client import Study\n"
        "Study.get(sys.argv[2], server=sys.argv[1]).minimize(bowl, workers=2)\n")
    done = subprocess.run(
        [sys.executable, str(tmp_path / "main.py"), shared_server, name],
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(HERE), *sys.path])},
        capture_output=True, text=True, timeout=120)
    assert done.returncode != 0
    assert WorkerDied.__name__ in done.stderr and '__name__ == "__main__"' in done.stderr


def test_client_used_over_a_fork_is_refused(client: Client) -> None:
    client.server_info()
    reader, writer = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            client.server_info()
            text = "answered"
        except BaseException as error:
            text = str(error)
        os.write(writer, text.encode())
        os._exit(0)
    os.waitpid(pid, 0)
    os.close(writer)
    with os.fdopen(reader) as answer:
        assert "does not survive a fork" in answer.read().replace("\n", " ")




def test_one_worker_serves_all_studies_with_a_label(client: Client, name: str) -> None:
    studies = [Study.create(f"{name}-{k}", {"x": Real(-1, 1)}, server=client, seed=3,
                            max_evaluations=60, labels={"pool": name}) for k in range(2)]
    alone = Study.create(f"{name}-alone", {"x": Real(-1, 1)}, server=client, seed=3,
                         max_evaluations=60)
    alone.minimize(lambda candidate: candidate["x"] ** 2)
    seen: set[str] = set()

    def loss(candidate: Candidate) -> float:
        seen.add(candidate.study)
        return float(candidate["x"] ** 2)

    pool = Study("-", client).worker(loss, labels={"pool": name})
    runner = threading.Thread(target=pool.run)
    runner.start()
    for study in studies:
        for _ in study.watch():
            pass
    pool.stop()
    runner.join()
    assert seen == {study.name for study in studies}
    assert {study.trajectory_digest for study in studies} == {alone.trajectory_digest}
