// A study of binary variables, block-encoded, at any size: evaluations a second through ask,
// evaluate, tell and commit. The loss of a candidate is how many of its bits differ from a fixed
// pattern, from the changes alone.
//
//   block_bench [SERVER STUDY METHOD BITS EVALUATIONS STEPS [SLOTS [BATCH]]]
//
// Without arguments: a million bits in two million evaluations a step, on a server in the same
// process.
#include <chrono>
#include <cstdlib>
#include <iostream>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "client/cpp/client.h"
#include "server/app/embedded.h"
#include "tests/temp_folder.h"

namespace polystep::client {
namespace {

float Wanted(size_t coordinate) { return (coordinate * 2654435761u >> 7) & 1 ? 1.0F : 0.0F; }

// The loss of each center, worked out once.
class CenterLoss {
 public:
  double Of(const Candidate& candidate) {
    std::lock_guard<std::mutex> lock(mutex_);
    if (candidate.center_id() == id_) return loss_;
    id_ = candidate.center_id();
    loss_ = 0.0;
    for (size_t i = 0; i < candidate.center().size(); ++i) {
      loss_ += candidate.center()[i] == Wanted(i) ? 0.0 : 1.0;
    }
    return loss_;
  }

 private:
  std::mutex mutex_;
  std::string id_;
  double loss_ = 0.0;
};

v1::StudySpec Spec(const std::string& method, int64_t bits, uint32_t evaluations, int64_t steps) {
  v1::StudySpec spec;
  v1::TensorSpec& tensor = *spec.add_tensors();
  tensor.set_name("b");
  tensor.add_shape(bits);
  tensor.set_kind(v1::TensorSpec::BINARY);
  v1::OptimizerSpec::Method parsed = v1::OptimizerSpec::POLYSTEP_FLIP;
  v1::OptimizerSpec::Method_Parse(method, &parsed);
  spec.mutable_optimizer()->set_method(parsed);
  spec.mutable_optimizer()->set_parallelism(evaluations);
  if (parsed == v1::OptimizerSpec::POLYSTEP_BLOCK) spec.mutable_optimizer()->set_particle_dim(2);
  spec.set_seed(1);
  spec.mutable_evaluation()->set_noise(v1::EvaluationPolicy::NONE);
  spec.mutable_stop()->set_max_steps(steps);
  return spec;
}

int Run(int argc, char** argv) {
  Client client = Client::Connect(argv[1]);
  auto created =
      client.CreateStudy(argv[2],
                         Spec(argv[3], std::atoll(argv[4]),
                              static_cast<uint32_t>(std::atoi(argv[5])), std::atoll(argv[6])),
                         {});
  if (!created.ok()) {
    std::cerr << created.status() << "\n";
    return 1;
  }
  CenterLoss center;
  const auto evaluate = [&](absl::Span<const Candidate> candidates, const EvaluationContext&) {
    const double base = center.Of(candidates[0]);
    std::vector<EvaluationResult> results;
    results.reserve(candidates.size());
    for (const Candidate& candidate : candidates) {
      double loss = base;
      for (const Change& change : candidate.changes()) {
        loss += change.value == Wanted(change.coordinate) ? -1.0 : 1.0;
      }
      results.emplace_back(loss);
    }
    return results;
  };
  WorkerOptions options;
  options.slots = argc > 7 ? std::atoi(argv[7]) : 1;
  options.batch_size = argc > 8 ? static_cast<uint32_t>(std::atoi(argv[8])) : 16'384;
  const auto start = std::chrono::steady_clock::now();
  WorkerSummary summary = client.GetStudy(argv[2]).RunBatchWorker(evaluate, options);
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
  auto study = client.GetStudy(argv[2]).Get();
  if (!summary.status.ok() || !study.ok()) {
    std::cerr << summary.status << " " << study.status() << "\n";
    return 1;
  }
  std::cout << summary.evaluations << " evaluations in " << study->step() << " steps and "
            << summary.leases << " leases, " << seconds.count() << " s, "
            << static_cast<double>(summary.evaluations) / seconds.count() / 1e6 << " M/s, best "
            << study->best().loss() << "\n";
  return 0;
}

}  // namespace
}  // namespace polystep::client

int main(int argc, char** argv) {
  if (argc >= 7) return polystep::client::Run(argc, argv);
  if (argc > 1) {
    std::cerr
        << "usage: block_bench [SERVER STUDY METHOD BITS EVALUATIONS STEPS [SLOTS [BATCH]]]\n";
    return 2;
  }
  polystep::TempFolder folder;
  auto server = polystep::EmbeddedServer::Start({.data = folder.path() + "/data"});
  if (!server.ok()) {
    std::cerr << server.status() << "\n";
    return 1;
  }
  std::vector<std::string> all = {
      argv[0], (*server)->address(), "bits", "POLYSTEP_BLOCK", "1000000", "0", "5"};
  std::vector<char*> arguments;
  for (std::string& argument : all) arguments.push_back(argument.data());
  return polystep::client::Run(static_cast<int>(arguments.size()), arguments.data());
}
