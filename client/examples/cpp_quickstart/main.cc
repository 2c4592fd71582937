// A study of the sphere function, created and evaluated from C++: cpp_quickstart HOST:PORT STUDY
#include <iostream>

#include "client/cpp/client.h"

using polystep::client::Candidate;
using polystep::client::Client;
using polystep::client::EvaluationContext;
using polystep::client::Study;
using polystep::client::WorkerSummary;

int main(int argc, char** argv) {
  if (argc != 3) {
    std::cerr << "usage: cpp_quickstart HOST:PORT STUDY\n";
    return 2;
  }
  polystep::v1::StudySpec spec;
  for (const char* name : {"x", "y"}) {
    polystep::v1::ParameterSpec* parameter = spec.add_parameters();
    parameter->set_name(name);
    parameter->mutable_real()->set_min(-5);
    parameter->mutable_real()->set_max(5);
  }
  spec.mutable_stop()->set_max_evaluations(300);

  Client client = Client::Connect(argv[1]);
  if (auto created = client.CreateStudy(argv[2], spec, {}); !created.ok()) {
    std::cerr << created.status() << "\n";
    return 1;
  }
  Study study = client.GetStudy(argv[2]);
  WorkerSummary summary = study.RunWorker(
      [](const Candidate& candidate, const EvaluationContext&) {
        double x = *candidate.Real("x"), y = *candidate.Real("y");
        return x * x + y * y;
      },
      {.slots = 2});
  if (!summary.status.ok()) {
    std::cerr << summary.status << "\n";
    return 1;
  }
  std::cout << summary.evaluations << " evaluations, best loss " << study.Get()->best().loss()
            << "\n";
}
