"""What can go wrong, as exceptions. `Infeasible` and `Transient` are raised by the user's function;
the others are raised by this package."""

from __future__ import annotations

from dataclasses import dataclass

import grpc


class Infeasible(Exception):
    """The candidate is no solution at all. Final: it ranks worst and is not tried again."""


class Transient(Exception):
    """The evaluation failed for a reason that has nothing to do with the candidate. It is tried
    again, and left out of the step after the study's `max_attempts` reports."""


class PolystepError(Exception):
    """Base class of everything this package raises on its own."""


@dataclass(frozen=True)
class FieldViolation:
    """One bad field of a request: its path and what is wrong with it."""

    field: str
    description: str


class ServerError(PolystepError):
    """The server refused a call, or could not be reached. `code` is the gRPC status code, `reason`
    the server's constant for programs (empty if it gave none)."""

    def __init__(self, code: grpc.StatusCode, message: str, *, reason: str = "",
                 violations: tuple[FieldViolation, ...] = (), retry_delay: float | None = None):
        text = f"{code.name}: {message}"
        if violations:
            text += "".join(f"\n  {v.field}: {v.description}" for v in violations)
        super().__init__(text)
        self.code = code
        self.message = message
        self.reason = reason
        self.violations = violations
        self.retry_delay = retry_delay

    def __reduce__(self) -> tuple[object, ...]:
        return _rebuild, (type(self), self.code, self.message, self.reason, self.violations,
                          self.retry_delay)


def _rebuild(kind: type[ServerError], code: grpc.StatusCode, message: str, reason: str,
             violations: tuple[FieldViolation, ...], retry_delay: float | None) -> ServerError:
    return kind(code, message, reason=reason, violations=violations, retry_delay=retry_delay)


class InvalidArgument(ServerError):
    """A bad specification or call; `violations` names the fields."""


class StudyNotFound(ServerError):
    """No study of this name (or it was deleted)."""


class StudyExists(ServerError):
    """A study of this name exists with another specification."""


class LeaseFenced(ServerError):
    """The lease belongs to another timeline of the study, for example from before a restore."""


class ServerUnavailable(ServerError):
    """The server did not answer for as long as the client was told to try."""


class StudyPaused(PolystepError):
    """The study is paused, by a person or by a limit; the text is the server's reason."""


class EvaluationError(PolystepError):
    """The user's function raised something else than `Infeasible` or `Transient`, or returned
    something that is not a number. The original exception is the cause, or, from another process,
    its traceback is the text. `candidate` holds the parameters it happened with."""

    def __init__(self, message: str, candidate: dict[str, object] | None = None):
        super().__init__(message)
        self.candidate = candidate or {}

    def __reduce__(self) -> tuple[object, ...]:
        return type(self), (str(self), self.candidate)


class WorkerDied(PolystepError):
    """Worker processes ended by themselves more often than is sensible to start them again."""
