"""Keeps leases alive while their evaluations run, from a thread of its own."""

from __future__ import annotations

import logging
import threading
import time
from dataclasses import dataclass

from polystep_client._generated.polystep.v1 import evaluation_service_pb2
from polystep_client.client import Cancellation, Cancelled, Client
from polystep_client.errors import ServerError

_log = logging.getLogger("polystep_client")
_MOST_TOKENS = 1024  # the limit of a Renew


@dataclass
class _Held:
    study: str
    ttl: float
    renew_at: float  # on the monotonic clock
    not_needed: set[int]


class Heartbeat:
    """Renews every held lease when a third of its time has passed. Thread-safe."""

    def __init__(self, client: Client, retry_for: float) -> None:
        self._client = client
        self._retry_for = retry_for
        self._held: dict[bytes, _Held] = {}
        self._changed = threading.Condition()
        self._closed = Cancellation()
        self._thread: threading.Thread | None = None

    def hold(self, study: str, token: bytes, ttl: float, not_needed: set[int]) -> None:
        """Renews the lease from now on; `not_needed` collects the indices that others answered."""
        with self._changed:
            self._held[token] = _Held(study, ttl, time.monotonic() + ttl / 3, not_needed)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, daemon=True,
                                                name="polystep-heartbeat")
                self._thread.start()
            self._changed.notify()

    def told(self, token: bytes) -> None:
        """A tell has renewed the lease."""
        with self._changed:
            held = self._held.get(token)
            if held is not None:
                held.renew_at = time.monotonic() + held.ttl / 3

    def drop(self, token: bytes) -> None:
        with self._changed:
            self._held.pop(token, None)

    def tokens(self) -> dict[str, list[bytes]]:
        """Those that are held, by their study."""
        with self._changed:
            return self._by_study(list(self._held))

    def _by_study(self, tokens: list[bytes]) -> dict[str, list[bytes]]:
        found: dict[str, list[bytes]] = {}
        for token in tokens:
            found.setdefault(self._held[token].study, []).append(token)
        return found

    def close(self) -> None:
        self._closed.cancel()
        with self._changed:
            self._held.clear()
            self._changed.notify()
        if self._thread is not None:
            self._thread.join()

    def _run(self) -> None:
        while not self._closed.is_set():
            for study, tokens in self._wait_for_due().items():
                self._renew(study, tokens)

    def _wait_for_due(self) -> dict[str, list[bytes]]:
        with self._changed:
            if self._closed.is_set():
                return {}
            now = time.monotonic()
            due = [token for token, held in self._held.items() if held.renew_at <= now]
            if not due:
                next_at = min((held.renew_at for held in self._held.values()), default=None)
                self._changed.wait(None if next_at is None else next_at - now)
            return self._by_study(due[:_MOST_TOKENS])

    def _renew(self, study: str, tokens: list[bytes]) -> None:
        request = evaluation_service_pb2.RenewRequest(study=study, tokens=tokens)
        try:
            response = self._client.call("Renew", request, timeout=10.0,
                                         retry_for=self._retry_for, cancellation=self._closed)
            renewals = list(response.renewals)
        except Cancelled:
            return
        except ServerError as error:
            # The next tell reports what is wrong for good; here it only is not renewed.
            _log.warning("could not renew %d leases: %s", len(tokens), error)
            renewals = []
        with self._changed:
            for position, token in enumerate(tokens):
                held = self._held.get(token)
                if held is None:
                    continue
                held.renew_at = time.monotonic() + held.ttl / 3
                if position < len(renewals):
                    add_ranges(held.not_needed, renewals[position].not_needed)


def add_ranges(indices: set[int],
               ranges: list[evaluation_service_pb2.IndexRange]) -> None:
    for part in ranges:
        indices.update(range(part.first_index, part.first_index + part.count))
