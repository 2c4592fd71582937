"""A connection to one server: a gRPC channel made on first use, and calls with the retry rules.

Thread-safe. A client may be pickled and sent to another process, which makes its own channel; it
must not be used on both sides of a fork, because gRPC's threads do not survive one.
"""

from __future__ import annotations

import contextlib
import os
import random
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import grpc
import numpy as np

from polystep_client._generated.polystep.v1 import (evaluation_service_pb2_grpc,
                                                    server_service_pb2, server_service_pb2_grpc,
                                                    study_service_pb2, study_service_pb2_grpc)
from polystep_client._status import to_error
from polystep_client.errors import PolystepError, ServerError, ServerUnavailable

# Safe to repeat after an unknown outcome: asks by their request id, tells because the first answer
# to an index wins.
_RETRY_AFTER_DEADLINE = frozenset({"Ask", "Tell", "Renew", "Release"})
_FIRST_PAUSE_S = 0.05
_LONGEST_PAUSE_S = 2.0
_UPLOAD_CHUNK = 128 * 1024  # values of a message: 512 KiB
_UPLOAD_TIMEOUT_S = 600.0  # of up to 40 MB


class Cancelled(PolystepError):
    """A call was given up through its `Cancellation`."""


class Cancellation:
    """Ends calls that run in other threads, their pauses between retries included."""

    def __init__(self) -> None:
        self._event = threading.Event()
        self._lock = threading.Lock()
        self._calls: set[Any] = set()

    def cancel(self) -> None:
        with self._lock:
            self._event.set()
            calls = list(self._calls)
        for call in calls:
            call.cancel()

    def is_set(self) -> bool:
        return self._event.is_set()

    def sleep(self, seconds: float) -> None:
        """Waits; raises Cancelled as soon as cancel() was called."""
        if self._event.wait(seconds):
            raise Cancelled("cancelled")

    @contextlib.contextmanager
    def covers(self, call: Any) -> Iterator[None]:
        """For as long as the block lasts, cancel() also ends `call`."""
        with self._lock:
            self._calls.add(call)
            cancelled = self._event.is_set()
        if cancelled:
            call.cancel()
        try:
            yield
        finally:
            with self._lock:
                self._calls.discard(call)


@dataclass(frozen=True)
class ServerInfo:
    """What a server is."""

    version: str
    max_wait: float


class Client:
    """Calls one server. `target` is HOST:PORT, by default POLYSTEP_SERVER of the environment;
    `retry_for` is for how many seconds a call goes on trying while the server is unavailable."""

    def __init__(self, target: str | None = None, *, retry_for: float = 20.0) -> None:
        target = target or os.environ.get("POLYSTEP_SERVER", "")
        if not target:
            raise ValueError("no server: give HOST:PORT or set POLYSTEP_SERVER")
        self.target = target
        self.retry_for = retry_for
        self._start()

    def _start(self) -> None:
        self._lock = threading.Lock()
        self._channel: grpc.Channel | None = None
        self._stubs: tuple[Any, ...] = ()
        self._pid = os.getpid()

    def __getstate__(self) -> tuple[str, float]:
        return self.target, self.retry_for

    def __setstate__(self, state: tuple[str, float]) -> None:
        self.target, self.retry_for = state
        self._start()

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Closes the channel; the next call opens another."""
        with self._lock:
            channel, self._channel, self._stubs = self._channel, None, ()
        if channel is not None:
            channel.close()

    def server_info(self) -> ServerInfo:
        info = self.call("GetServerInfo", server_service_pb2.GetServerInfoRequest())
        return ServerInfo(info.version, info.limits.max_wait.ToTimedelta().total_seconds())

    def call(self, method: str, request: Any, *, timeout: float = 30.0,
             retry_for: float | None = None, cancellation: Cancellation | None = None) -> Any:
        """One unary call. UNAVAILABLE (and DEADLINE_EXCEEDED where repeating is safe, and
        RESOURCE_EXHAUSTED with a delay) is tried again with growing pauses, for `retry_for` seconds
        after the first failure. Raises a ServerError, or Cancelled."""
        return self._retrying(
            method, lambda stub: stub.future(request, timeout=timeout), retry_for, cancellation)

    def upload(self, values: np.ndarray) -> str:
        """Stores start values for a tensor on the server; answers their content id. Safe to repeat,
        and tried again as call() does. Raises a ServerError."""
        flat = np.ascontiguousarray(values, dtype=np.float32).ravel()

        def messages() -> Iterator[Any]:
            for begin in range(0, max(flat.size, 1), _UPLOAD_CHUNK):
                yield study_service_pb2.UploadTensorRequest(
                    shape=list(values.shape) or [1] if begin == 0 else [],
                    values=flat[begin:begin + _UPLOAD_CHUNK])

        return str(self._retrying(
            "UploadTensor", lambda stub: stub.future(messages(), timeout=_UPLOAD_TIMEOUT_S),
            None, None).content_id)

    def _retrying(self, method: str, start: Callable[[Any], Any], retry_for: float | None,
                  cancellation: Cancellation | None) -> Any:
        patience = self.retry_for if retry_for is None else retry_for
        cancellation = cancellation or Cancellation()
        give_up: float | None = None
        pause = _FIRST_PAUSE_S
        while True:
            try:
                future = start(self._method(method))
                with cancellation.covers(future):
                    return future.result()
            except grpc.FutureCancelledError:
                raise Cancelled(f"{method} was cancelled") from None
            except grpc.RpcError as rpc_error:
                error = to_error(rpc_error)
            if cancellation.is_set():
                raise Cancelled(f"{method} was cancelled")
            now = time.monotonic()
            give_up = now + patience if give_up is None else give_up
            delay = max(pause * random.uniform(0.5, 1.0), error.retry_delay or 0.0)
            if not _may_retry(method, error) or now + delay > give_up:
                raise error
            cancellation.sleep(delay)
            pause = min(2 * pause, _LONGEST_PAUSE_S)

    def stream(self, method: str, request: Any, *, timeout: float | None = None) -> Iterator[Any]:
        """One server-streaming call, not retried. Raises a ServerError."""
        call = self._method(method)(request, timeout=timeout)
        try:
            yield from call
        except grpc.RpcError as rpc_error:
            raise to_error(rpc_error) from None
        finally:
            call.cancel()

    def _method(self, name: str) -> Any:
        for stub in self._connect():
            method = getattr(stub, name, None)
            if method is not None:
                return method
        raise AttributeError(f"no method {name} in polystep.v1")

    def _connect(self) -> tuple[Any, ...]:
        if os.getpid() != self._pid:
            raise PolystepError(
                "this process was forked from one that had created the client, and gRPC does not "
                "survive a fork: start processes with multiprocessing's 'spawn' method, or create "
                "the client in the child")
        with self._lock:
            if self._channel is None:
                self._channel = grpc.insecure_channel(self.target, options=_options(self.target))
                self._stubs = (study_service_pb2_grpc.StudyServiceStub(self._channel),
                               evaluation_service_pb2_grpc.EvaluationServiceStub(self._channel),
                               server_service_pb2_grpc.ServerServiceStub(self._channel))
            return self._stubs


def _may_retry(method: str, error: ServerError) -> bool:
    # gRPC cancels a call that arrives just as its server closes; those of ours never get here.
    if isinstance(error, ServerUnavailable) or error.code == grpc.StatusCode.CANCELLED:
        return True
    if error.code == grpc.StatusCode.DEADLINE_EXCEEDED:
        return method in _RETRY_AFTER_DEADLINE
    return error.code == grpc.StatusCode.RESOURCE_EXHAUSTED and error.retry_delay is not None


def _options(target: str) -> list[tuple[str, Any]]:
    options: list[tuple[str, Any]] = [("grpc.initial_reconnect_backoff_ms", 100),
                                      ("grpc.max_reconnect_backoff_ms", 2000)]
    if target.startswith(("127.", "localhost:", "[::1]:")):
        options.append(("grpc.enable_http_proxy", 0))  # a proxy cannot reach this machine's loopback
    return options


def as_client(server: str | Client | None) -> Client:
    """A client as it is, or a new one for an address."""
    return server if isinstance(server, Client) else Client(server)
