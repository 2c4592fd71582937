"""Ask/tell loops of peers after 1,000 trials of 10 parameters, on the same machine as ours.

Prints a table and writes JSON: evaluations a second, one at a time, in the process and over gRPC.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import socket
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import metadata
from pathlib import Path

PARAMETERS = 10
TRIALS = 1000


def _sphere(values: list[float]) -> float:
    return sum(value * value for value in values)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _rate(step: Callable[[], None], seconds: float) -> tuple[float, int]:
    """Calls of `step` a second, and how many there were."""
    calls, start = 0, time.perf_counter()
    while (spent := time.perf_counter() - start) < seconds or calls == 0:
        step()
        calls += 1
    return calls / spent, calls


# --- Optuna


def _optuna_proxy(journal: str, port: int) -> None:
    import optuna
    from optuna.storages.journal import JournalFileBackend
    storage = optuna.storages.JournalStorage(JournalFileBackend(journal))
    optuna.storages.run_grpc_proxy_server(storage, host="127.0.0.1", port=port)


@contextmanager
def _optuna_storage(kind: str, folder: Path) -> Iterator[object]:
    import optuna
    from optuna.storages.journal import JournalFileBackend
    if kind == "memory":
        yield optuna.storages.InMemoryStorage()
        return
    journal = str(folder / f"{kind}.log")
    if kind == "journal":
        yield optuna.storages.JournalStorage(JournalFileBackend(journal))
        return
    port = _free_port()
    server = multiprocessing.get_context("spawn").Process(target=_optuna_proxy, args=(journal, port))
    server.start()
    try:
        storage = optuna.storages.GrpcStorageProxy(host="127.0.0.1", port=port)
        storage.wait_server_ready(timeout=60)
        yield storage
    finally:
        server.terminate()
        server.join()


def _optuna(kind: str, sampler_name: str, folder: Path, seconds: float) -> tuple[float, int]:
    import optuna
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    samplers = {"random": optuna.samplers.RandomSampler, "tpe": optuna.samplers.TPESampler}
    spaces = {f"x{i}": optuna.distributions.FloatDistribution(-1.0, 1.0) for i in range(PARAMETERS)}
    with _optuna_storage(kind, folder) as storage:
        study = optuna.create_study(storage=storage, sampler=samplers[sampler_name](seed=1))
        random = optuna.samplers.RandomSampler(seed=2)
        trials = []
        for _ in range(TRIALS):
            values = {name: random._rng.rng.uniform(-1.0, 1.0) for name in spaces}
            trials.append(optuna.trial.create_trial(
                params=values, distributions=spaces, value=_sphere(list(values.values()))))
        study.add_trials(trials)

        def step() -> None:
            trial = study.ask()
            values = [trial.suggest_float(name, -1.0, 1.0) for name in spaces]
            study.tell(trial, _sphere(values))

        return _rate(step, seconds)


# --- Vizier


def _vizier(algorithm: str, _folder: Path, seconds: float) -> tuple[float, int]:
    from vizier.service import clients, servers
    from vizier.service import pyvizier as vz
    server = servers.DefaultVizierServer()
    clients.environment_variables.server_endpoint = server.endpoint
    config = vz.StudyConfig(algorithm=algorithm)
    for i in range(PARAMETERS):
        config.search_space.root.add_float_param(f"x{i}", -1.0, 1.0)
    config.metric_information.append(vz.MetricInformation("loss", goal=vz.ObjectiveMetricGoal.MINIMIZE))
    study = clients.Study.from_study_config(config, owner="bench", study_id="loop")

    def step(count: int = 1) -> None:
        for suggestion in study.suggest(count=count, client_id="worker"):
            values = [float(suggestion.parameters[f"x{i}"]) for i in range(PARAMETERS)]
            suggestion.complete(vz.Measurement({"loss": _sphere(values)}))

    for _ in range(TRIALS // 100):
        step(100)
    return _rate(step, seconds)


ROWS: dict[str, Callable[[Path, float], tuple[float, int]]] = {
    f"Optuna {sampler}, {where}": lambda folder, seconds, k=kind, s=sampler: _optuna(k, s, folder, seconds)
    for kind, where in (("memory", "in memory"), ("journal", "journal file"), ("proxy", "gRPC proxy"))
    for sampler in ("random", "tpe")
}
ROWS["Vizier RANDOM_SEARCH, gRPC"] = lambda folder, seconds: _vizier("RANDOM_SEARCH", folder, seconds)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=10.0, help="of one loop")
    parser.add_argument("--out", type=Path, default=Path("build/bench/throughput-peers.json"))
    options = parser.parse_args()
    rows = []
    print("| peer | evaluations/s | evaluations |\n|---|---|---|")
    for name, run in ROWS.items():
        with tempfile.TemporaryDirectory() as folder:
            rate, calls = run(Path(folder), options.seconds)
        rows.append({"peer": name, "evaluations_per_s": rate, "evaluations": calls})
        print(f"| {name} | {rate:.1f} | {calls} |", flush=True)
    packages = {name: metadata.version(name) for name in ("optuna", "google-vizier")}
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text(json.dumps({"packages": packages, "rows": rows}, indent=1))
    print(options.out)


if __name__ == "__main__":
    main()
