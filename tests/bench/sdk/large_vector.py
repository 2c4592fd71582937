"""Memory of a server with one large POLYSTEP_BLOCK study: uploaded start values, leases in the block
encoding, the solution in pieces.

    PYTHONPATH=client/python/src build/venv/bin/python tests/bench/sdk/large_vector.py \
        build/bin/polystepd 1000000 10000000

Prints, for each number of float parameters, seconds and the server's resident MB after every stage.
"""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import tempfile
import time
from typing import Callable

import numpy as np

from polystep_client import Client, Study, Tensor
from polystep_client._generated.polystep.v1 import evaluation_service_pb2


def resident(pid: int) -> str:
    with open(f"/proc/{pid}/status", encoding="utf-8") as status:
        fields = dict(line.split(":", 1) for line in status)
    return " / ".join(f"{int(fields[name].split()[0]) / 1024:.0f}" for name in ("VmRSS", "VmHWM"))


def ask(client: Client, study: Study, leases: int) -> int:
    count = 0
    for _ in range(leases):
        request = evaluation_service_pb2.AskRequest(
            study=study.name, worker="bench", max_evaluations=65536,
            encodings=[evaluation_service_pb2.AskRequest.BLOCK])
        request.wait.seconds = 10
        count += client.call("Ask", request).lease.count
    return count


def measure(polystepd: str, size: int) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    with tempfile.TemporaryDirectory() as data:
        command = [polystepd, "--listen", address, "--data", data]
        server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

        def stage(name: str, run: Callable[[], object]) -> None:
            start = time.monotonic()
            run()
            print(f"{size:>10} {name:<22} {time.monotonic() - start:7.2f} s "
                  f"{resident(server.pid):>14} MB now / at most", flush=True)

        values = np.random.default_rng(1).standard_normal(size, dtype=np.float32)
        with Client(address, retry_for=30) as client:
            stage("start", client.server_info)
            made: list[Study] = []
            stage("upload and create", lambda: made.append(Study.create(
                "large", {"w": Tensor((size,), initial=values)}, server=client, seed=1,
                optimizer={"method": "POLYSTEP_BLOCK", "particleDim": 16}, max_steps=10)))
            study = made[0]
            stage("20 leases", lambda: ask(client, study, 20))
            stage("solution in chunks", lambda: check(study, values))
            server.send_signal(signal.SIGKILL)
            server.wait()
            server = subprocess.Popen(command, stdout=subprocess.DEVNULL,
                                      stderr=subprocess.DEVNULL)
            stage("restart after kill -9", client.server_info)
            stage("solution in chunks", lambda: check(study, values))
        server.terminate()
        server.wait()


def check(study: Study, values: np.ndarray) -> None:
    center = study.center
    assert center is not None and np.array_equal(center.parameters["w"], values)


for argument in sys.argv[2:]:
    measure(sys.argv[1], int(argument))
