"""Client of PolyStep Service: the server searches, your function says how good a candidate is.

    from polystep_client import Real, Study

    study = Study.create("bowl", {"x": Real(-5, 5), "y": Real(-5, 5)}, max_evaluations=400)
    best = study.minimize(bowl, workers=8)
"""

from polystep_client.client import Client, ServerInfo
from polystep_client.errors import (EvaluationError, FieldViolation, Infeasible, InvalidArgument,
                                    LeaseFenced, PolystepError, ServerError, ServerUnavailable,
                                    StudyExists, StudyNotFound, StudyPaused, Transient, WorkerDied)
from polystep_client.lease import Candidate, Lease
from polystep_client.local import LocalServer, find_polystepd, maximize, minimize
from polystep_client.records import Counters, Solution, Step, StudyInfo, TellResult
from polystep_client.space import (Boolean, Categorical, Discrete, Domain, Integer, Point, Real,
                                   Tensor)
from polystep_client.study import Study
from polystep_client.worker import Terminated, Worker

__all__ = [
    "Boolean", "Candidate", "Categorical", "Client", "Counters", "Discrete", "Domain",
    "EvaluationError", "FieldViolation", "Infeasible", "Integer", "InvalidArgument", "Lease",
    "LeaseFenced", "LocalServer", "Point", "PolystepError", "Real", "ServerError", "ServerInfo",
    "ServerUnavailable", "Solution", "Step", "Study", "StudyExists", "StudyInfo", "StudyNotFound",
    "StudyPaused", "TellResult", "Tensor", "Terminated", "Transient", "Worker", "WorkerDied",
    "find_polystepd", "maximize", "minimize",
]
