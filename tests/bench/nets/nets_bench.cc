// Candidates a second of the networks of client/examples/nets, one row of the center replaced each.
//
//   nets_bench [--task NAME] [--data DIR] [--batch N] [--threads N] [--length L] [--seconds S]
//
// Rows are the center's plus a direction of length L (of the whole row) and of random sign. Prints
// a line for each tensor, one for all tensors in proportion to their rows, and what full evaluation
// costs.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <thread>
#include <vector>

#include "client/examples/nets/evaluator.h"
#include "core/random/random_stream.h"
#include "tests/bench/idle_share.h"

namespace polystep::bench {
namespace {

using nets::Evaluator;
using nets::Pass;
using nets::RowChange;
using nets::Task;
using nets::TensorShape;

struct Options {
  std::string task;  // empty: all
  std::string data = "/usr/share/datasets/fashion-mnist";
  size_t batch = 512;
  int threads = 1;
  double length = 1.0;
  double seconds = 1.0;
};

double Seconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

std::vector<float> StartOf(const std::vector<TensorShape>& tensors) {
  RandomStream stream(1, 0, 0, Draw::kInitial);
  std::vector<float> values;
  for (const TensorShape& tensor : tensors) {
    for (size_t n = 0; n < tensor.size(); ++n) {
      values.push_back(static_cast<float>(tensor.scale * (2.0 * stream.Uniform() - 1.0)));
    }
  }
  return values;
}

// Rows of tensors [first, last), each as often as the others.
class Candidates {
 public:
  Candidates(const Evaluator& evaluator, absl::Span<const float> center, size_t first, size_t last,
             const Options& options) {
    RandomStream stream(2, 0, 0, Draw::kJitter);
    std::vector<uint64_t> starts;
    uint64_t begin = 0;
    for (size_t t = 0; t < evaluator.tensors().size(); ++t) {
      const TensorShape& tensor = evaluator.tensors()[t];
      for (size_t r = 0; r < tensor.outputs && t >= first && t < last; ++r) {
        starts.push_back(begin + r * tensor.columns);
      }
      begin += tensor.size();
    }
    for (size_t n = 0; n < kCount; ++n) {
      const uint64_t start = starts[stream.NextU32() % starts.size()];
      const size_t columns = evaluator.RowOf(start)->columns;
      const double scale = options.length / std::sqrt(static_cast<double>(columns));
      std::vector<float> row(center.begin() + start, center.begin() + start + columns);
      for (float& weight : row) weight += static_cast<float>(scale * stream.Normal());
      rows_.push_back(std::move(row));
      changes_.push_back({start, rows_.back()});
    }
  }

  static constexpr size_t kCount = 1024;
  static constexpr size_t kPortion = 64;  // as a lease might have
  absl::Span<const RowChange> Portion(size_t n) const {
    return absl::MakeSpan(changes_).subspan(n * kPortion % kCount, kPortion);
  }

 private:
  std::vector<std::vector<float>> rows_;
  std::vector<RowChange> changes_;
};

double PerSecond(const Evaluator& evaluator, const Pass& pass, const Candidates& candidates,
                 const Options& options) {
  std::atomic<size_t> done = 0;
  const double start = Seconds();
  const auto work = [&] {
    std::vector<double> losses(Candidates::kPortion);
    while (Seconds() - start < options.seconds) {
      evaluator.Losses(pass, candidates.Portion(done), absl::MakeSpan(losses));
      done += 1;
    }
  };
  {
    std::vector<std::jthread> others;
    for (int n = 1; n < options.threads; ++n) others.emplace_back(work);
    work();
  }
  return static_cast<double>(done * Candidates::kPortion) / (Seconds() - start);
}

void Report(Task task, const nets::Dataset& dataset, const Options& options) {
  const Evaluator evaluator(task, dataset, {.first = options.batch}, options.threads);
  const std::vector<float> center = StartOf(evaluator.tensors());
  double start = Seconds();
  const std::shared_ptr<const Pass> pass = evaluator.Forward(center, 1);
  const double drawn_ms = 1e3 * (Seconds() - start);
  start = Seconds();
  evaluator.Forward(center, pass->batch());
  const double full_ms = 1e3 * (Seconds() - start);
  start = Seconds();
  const double loss = evaluator.ScoreOf(center, nets::Split::kValidation).loss;
  std::printf(
      "%s: loss %.4f, validation %.4f in %.1f ms; full evaluation %.2f ms, with its batch %.2f "
      "ms\n",
      NameOf(task), pass->loss(), loss, 1e3 * (Seconds() - start), full_ms, drawn_ms);
  const size_t tensors = evaluator.tensors().size();
  for (size_t t = 0; t < tensors; ++t) {
    const Candidates candidates(evaluator, center, t, t + 1, options);
    std::printf("  %-8s %8.0f /s\n", evaluator.tensors()[t].name,
                PerSecond(evaluator, *pass, candidates, options));
  }
  IdleShare idle;
  const Candidates candidates(evaluator, center, 0, tensors, options);
  const double rate = PerSecond(evaluator, *pass, candidates, options);
  std::printf("  %-8s %8.0f /s with %d threads, %.0f %% of the machine idle\n", "all", rate,
              options.threads, idle.Percent());
}

}  // namespace
}  // namespace polystep::bench

int main(int argc, char** argv) {
  using namespace polystep;  // NOLINT(google-build-using-namespace)
  bench::Options options;
  for (int n = 1; n + 1 < argc; n += 2) {
    const std::string name = argv[n];
    const char* value = argv[n + 1];
    if (name == "--task") options.task = value;
    if (name == "--data") options.data = value;
    if (name == "--batch") options.batch = std::strtoull(value, nullptr, 10);
    if (name == "--threads") options.threads = std::atoi(value);
    if (name == "--length") options.length = std::atof(value);
    if (name == "--seconds") options.seconds = std::atof(value);
  }
  const absl::StatusOr<nets::Dataset> dataset = nets::Dataset::Read(options.data);
  if (!dataset.ok()) {
    std::fprintf(stderr, "nets_bench: %s\n", std::string(dataset.status().message()).c_str());
    return 2;
  }
  for (const std::string& name : nets::TaskNames()) {
    if (!options.task.empty() && name != options.task) continue;
    bench::Report(*nets::TaskOf(name), *dataset, options);
  }
  return 0;
}
