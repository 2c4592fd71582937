"""A client of nothing but generated stubs: what protoc writes from proto/, grpcio, no package of
ours. Completes a study with typed parameters and prints its last state.

    client.py HOST:PORT STUBS_FOLDER
"""

import math
import sys

import grpc

sys.path.insert(0, sys.argv[2])
from polystep.v1 import evaluation_service_pb2 as evaluation  # noqa: E402
from polystep.v1 import evaluation_service_pb2_grpc as evaluation_grpc  # noqa: E402
from polystep.v1 import space_pb2, study_pb2, study_service_pb2  # noqa: E402
from polystep.v1 import study_service_pb2_grpc as study_grpc  # noqa: E402


def specification():
    spec = study_pb2.StudySpec(seed=7)
    spec.stop.max_evaluations = 300
    spec.parameters.add(name="x", real=space_pb2.RealDomain(min=-5.0, max=5.0))
    spec.parameters.add(name="rate", real=space_pb2.RealDomain(
        min=1e-4, max=1.0, scale=space_pb2.ParameterSpec.LOG))
    spec.parameters.add(name="layers", integer=space_pb2.IntegerDomain(min=1, max=9))
    spec.parameters.add(name="kind", categorical=space_pb2.CategoricalDomain(
        choices=["relu", "tanh"]))
    return spec


def loss(x, rate, layers, kind):
    return x * x + (math.log10(rate) + 2) ** 2 + (layers - 4) ** 2 + (kind == "tanh")


def rows(named):
    """Columns to one dictionary per candidate."""
    columns = {c.name: getattr(c, c.WhichOneof("values")).values for c in named.columns}
    return [dict(zip(columns, row)) for row in zip(*columns.values())]


def main():
    channel = grpc.insecure_channel(sys.argv[1], options=[("grpc.enable_http_proxy", 0)])
    studies = study_grpc.StudyServiceStub(channel)
    workers = evaluation_grpc.EvaluationServiceStub(channel)
    study = studies.CreateStudy(study_service_pb2.CreateStudyRequest(
        study_id="stub-only", study=study_pb2.Study(spec=specification())), timeout=30)
    ask = evaluation.AskRequest(study=study.name, worker="stub-only")
    ask.wait.seconds = 5
    answer = workers.Ask(ask, timeout=30)
    while answer.study_state == study_pb2.Study.ACTIVE:
        if not answer.HasField("lease"):
            answer = workers.Ask(ask, timeout=30)
            continue
        lease = answer.lease
        losses = [loss(**row) for row in rows(lease.named)]
        told = workers.Tell(evaluation.TellRequest(
            study=study.name, token=lease.token, step=lease.step, next=ask,
            slices=[evaluation.LossSlice(first_index=lease.first_index, losses=losses)]),
            timeout=30)
        answer = told.next
    study = studies.GetStudy(study_service_pb2.GetStudyRequest(name=study.name), timeout=30)
    print(study_pb2.Study.State.Name(study.state), study.evaluations, study.best.loss)
    return 0 if study.state == study_pb2.Study.SUCCEEDED and study.evaluations <= 300 else 1


if __name__ == "__main__":
    sys.exit(main())
