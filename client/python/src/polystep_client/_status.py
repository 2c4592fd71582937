"""gRPC errors with their google.rpc details, as the exceptions of errors.py."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any

import grpc
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

from polystep_client.errors import (FieldViolation, InvalidArgument, LeaseFenced, ServerError,
                                    ServerUnavailable, StudyExists, StudyNotFound)

_DETAILS_KEY = "grpc-status-details-bin"
_CLASSES = {grpc.StatusCode.INVALID_ARGUMENT: InvalidArgument,
            grpc.StatusCode.NOT_FOUND: StudyNotFound,
            grpc.StatusCode.ALREADY_EXISTS: StudyExists,
            grpc.StatusCode.UNAVAILABLE: ServerUnavailable}


@functools.cache
def _message_class(name: str) -> Any:
    # A pool of our own: other packages register their versions of google/rpc in the default one.
    return message_factory.GetMessageClass(_pool().FindMessageTypeByName(name))


@functools.cache
def _pool() -> Any:
    files = descriptor_pb2.FileDescriptorSet.FromString(
        (Path(__file__).parent / "_generated" / "error_details.bin").read_bytes())
    pool = descriptor_pool.DescriptorPool()
    for file in files.file:
        pool.Add(file)
    return pool


def _details(error: grpc.RpcError) -> dict[str, Any]:
    """The details the server attached, by the last part of their type's name."""
    metadata = error.trailing_metadata() if hasattr(error, "trailing_metadata") else None
    found = {}
    for key, value in metadata or ():
        if key != _DETAILS_KEY:
            continue
        for detail in _message_class("google.rpc.Status").FromString(value).details:
            name = detail.type_url.rsplit("/", 1)[-1]
            if name in ("google.rpc.ErrorInfo", "google.rpc.BadRequest", "google.rpc.RetryInfo"):
                found[name.rsplit(".", 1)[-1]] = _message_class(name).FromString(detail.value)
    return found


def to_error(error: grpc.RpcError) -> ServerError:
    """The exception for a failed call, with the server's reason, fields and delay if it sent any."""
    code = error.code()
    details = _details(error)
    reason = details["ErrorInfo"].reason if "ErrorInfo" in details else ""
    violations: tuple[FieldViolation, ...] = ()
    if "BadRequest" in details:
        violations = tuple(FieldViolation(v.field, v.description)
                           for v in details["BadRequest"].field_violations)
    delay = None
    if "RetryInfo" in details:
        retry = details["RetryInfo"].retry_delay
        delay = retry.seconds + retry.nanos * 1e-9
    kind = LeaseFenced if reason == "LEASE_FENCED" else _CLASSES.get(code, ServerError)
    return kind(code, error.details() or "", reason=reason, violations=violations,
                retry_delay=delay)
