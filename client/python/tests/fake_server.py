"""A server in this process that answers as the test tells it: for what a real one does rarely."""

from __future__ import annotations

import threading
from collections import defaultdict, deque
from collections.abc import Callable
from concurrent import futures
from typing import Any

import grpc
from google.protobuf import duration_pb2

from polystep_client import Client
from polystep_client._generated.polystep.v1 import (evaluation_service_pb2,
                                                    evaluation_service_pb2_grpc, study_pb2,
                                                    study_service_pb2_grpc)
from polystep_client._status import _message_class

STUDY = "studies/fake"


class Refusal(Exception):
    """An answer that is an error, with google.rpc details."""

    def __init__(self, code: grpc.StatusCode, reason: str = "", delay: float | None = None) -> None:
        super().__init__(reason or code.name)
        self.code = code
        self.reason = reason
        self.delay = delay

    def metadata(self) -> tuple[tuple[str, bytes], ...]:
        status = _message_class("google.rpc.Status")(code=self.code.value[0], message=str(self))
        if self.reason:
            info = _message_class("google.rpc.ErrorInfo")(reason=self.reason, domain="polystep")
            status.details.append(_any("google.rpc.ErrorInfo", info))
        if self.delay is not None:
            retry = _message_class("google.rpc.RetryInfo")()
            retry.retry_delay.seconds = int(self.delay)
            retry.retry_delay.nanos = round(self.delay % 1 * 1e9)
            status.details.append(_any("google.rpc.RetryInfo", retry))
        return (("grpc-status-details-bin", status.SerializeToString()),)


def _any(name: str, message: Any) -> Any:
    # Of the same private pool as the messages.
    return _message_class("google.protobuf.Any")(
        type_url=f"type.googleapis.com/{name}", value=message.SerializeToString())


def lease(count: int, token: bytes, first_index: int = 0, ttl: float = 60.0,
          ) -> evaluation_service_pb2.Lease:
    """Candidates with x = 0, 1, 2, ..."""
    result = evaluation_service_pb2.Lease(token=token, first_index=first_index, count=count)
    result.ttl.CopyFrom(duration_pb2.Duration(seconds=int(ttl), nanos=round(ttl % 1 * 1e9)))
    result.named.columns.add(name="x").real.values.extend(float(i) for i in range(count))
    return result


def given(leased: evaluation_service_pb2.Lease) -> evaluation_service_pb2.AskResponse:
    return evaluation_service_pb2.AskResponse(lease=leased, study_state=study_pb2.Study.ACTIVE)


def ended() -> evaluation_service_pb2.AskResponse:
    return evaluation_service_pb2.AskResponse(study_state=study_pb2.Study.SUCCEEDED)


class FakeServer:
    """Answers call n of a method with entry n of its script: a message, a Refusal, or a function of
    the request. Past the end of a script come plain answers: an Ask finds the study ended."""

    def __init__(self) -> None:
        self.script: dict[str, deque[Any]] = defaultdict(deque)
        self.requests: dict[str, list[Any]] = defaultdict(list)
        self.called = threading.Condition()
        self._server = grpc.server(futures.ThreadPoolExecutor(8))
        study_service_pb2_grpc.add_StudyServiceServicer_to_server(self._studies(), self._server)
        evaluation_service_pb2_grpc.add_EvaluationServiceServicer_to_server(
            self._evaluations(), self._server)
        port = self._server.add_insecure_port("127.0.0.1:0")
        self._server.start()
        self.client = Client(f"127.0.0.1:{port}", retry_for=20.0)

    def stop(self) -> None:
        self.client.close()
        self._server.stop(grace=None).wait()

    def calls(self, method: str) -> list[Any]:
        with self.called:
            return list(self.requests[method])

    def wait_for(self, condition: Callable[[], bool]) -> None:
        """Until the calls so far fulfil the condition."""
        with self.called:
            assert self.called.wait_for(condition, timeout=60)

    def _answer(self, method: str, request: Any, context: grpc.ServicerContext,
                otherwise: Any) -> Any:
        with self.called:
            self.requests[method].append(request)
            self.called.notify_all()
            entry = self.script[method].popleft() if self.script[method] else otherwise
        try:
            if isinstance(entry, Refusal):
                raise entry
            return entry(request) if callable(entry) else entry
        except Refusal as refusal:
            context.set_trailing_metadata(refusal.metadata())
            context.abort(refusal.code, str(refusal))

    def _studies(self) -> Any:
        fake = self

        class Studies(study_service_pb2_grpc.StudyServiceServicer):
            def GetStudy(self, request: Any, context: Any) -> Any:
                study = study_pb2.Study(name=STUDY, state=study_pb2.Study.ACTIVE)
                study.spec.parameters.add(name="x").real.SetInParent()
                return fake._answer("GetStudy", request, context, study)

        return Studies()

    def _evaluations(self) -> Any:
        fake = self
        pb = evaluation_service_pb2

        class Evaluations(evaluation_service_pb2_grpc.EvaluationServiceServicer):
            def Ask(self, request: Any, context: Any) -> Any:
                return fake._answer("Ask", request, context, ended())

            def Tell(self, request: Any, context: Any) -> Any:
                told = pb.TellResponse(accepted=sum(len(s.losses) for s in request.slices))
                if request.HasField("next"):
                    told.next.CopyFrom(ended())
                return fake._answer("Tell", request, context, told)

            def Renew(self, request: Any, context: Any) -> Any:
                renewed = pb.RenewResponse(renewals=[pb.Renewal(known=True)] * len(request.tokens))
                return fake._answer("Renew", request, context, renewed)

            def Release(self, request: Any, context: Any) -> Any:
                return fake._answer("Release", request, context, pb.ReleaseResponse())

        return Evaluations()
