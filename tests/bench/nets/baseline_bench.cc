// Trains a network of client/examples/nets with an optimizer of others, on the evaluator that ours
// has: whole candidates, one mini-batch an iteration, every loss counted, scores included.
//
//   baseline_bench [--method openai-es|spsa|sep-cma-es] [--task NAME] [--data DIR] [--batch N]
//   [--batch-growth N]
//                  [--threads N] [--evaluations N] [--seed N] [--sigma S] [--rate R]
//                  [--population N] [--scores N]
//
// Prints the lines of score_lines.h for N scores, spread evenly over the evaluations.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "client/examples/nets/evaluator.h"
#include "client/examples/nets/for_each.h"
#include "tests/bench/nets/baseline.h"
#include "tests/bench/nets/score_lines.h"
#include "tests/bench/nets/start.h"

namespace polystep::bench {
namespace {

struct Options {
  nets::Task task = nets::Task::kLif;
  std::string method = "openai-es";
  std::string data = "/usr/share/datasets/fashion-mnist";
  nets::BatchPlan batch;
  int64_t evaluations = 20'000;
  uint64_t seed = 1;
  int64_t scores = 20;
  BaselineOptions baseline;
};

std::unique_ptr<Baseline> Make(const NoiseTable& noise, const nets::Evaluator& evaluator,
                               const Options& options) {
  std::vector<float> start = StartOf(evaluator.tensors(), options.seed);
  BaselineOptions baseline = options.baseline;
  if (baseline.population == 0) {
    baseline.population = DefaultPopulation(options.method, evaluator.dimension());
  }
  baseline.iterations = options.evaluations / static_cast<int64_t>(baseline.population);
  if (options.method == "openai-es") return MakeOpenAiEs(noise, std::move(start), baseline);
  if (options.method == "spsa") return MakeSpsa(noise, std::move(start), baseline);
  if (options.method == "sep-cma-es") return MakeSepCma(noise, std::move(start), baseline);
  return nullptr;
}

// Evaluations of a step of POLYSTEP_ROWS, after as many of which its mini-batches grow: those of
// others grow alike.
int64_t StepOfRows(const nets::Evaluator& evaluator) {
  constexpr int64_t kCandidatesPerRow = 4;  // in trainings as short as those of baselines
  int64_t rows = 0;
  for (const nets::TensorShape& tensor : evaluator.tensors()) {
    rows += static_cast<int64_t>(tensor.outputs);
  }
  return kCandidatesPerRow * std::max<int64_t>(1, rows);
}

class Training {
 public:
  Training(const nets::Evaluator& evaluator, Baseline& baseline, const Options& options)
      : evaluator_(evaluator),
        baseline_(baseline),
        options_(options),
        losses_(baseline.population()),
        lines_(evaluator) {}

  void Run() {
    const auto population = static_cast<int64_t>(baseline_.population());
    const int64_t every = std::max<int64_t>(1, options_.evaluations / options_.scores);
    int64_t next = 0;
    while (done_ + population < options_.evaluations) {
      if (done_ >= next) {
        Score(false);
        next = done_ + every;
      }
      Iterate();
    }
    Score(true);
  }

 private:
  void Iterate() {
    RandomStream seeds(options_.seed, static_cast<uint64_t>(iteration_++), 0,
                       Draw::kEvaluationSeed);
    const auto batch = evaluator_.BatchOf(seeds.NextU64(), done_ / StepOfRows(evaluator_));
    nets::ForEach(losses_.size(), options_.baseline.threads, [&](size_t n) {
      std::vector<float> values(evaluator_.dimension());
      baseline_.Candidate(n, absl::MakeSpan(values));
      losses_[n] = nets::MakePass(options_.task, values, batch, 1)->loss();
    });
    baseline_.Tell(losses_);
    done_ += static_cast<int64_t>(losses_.size());
  }

  // One evaluation, as a score of a study is.
  void Score(bool last) { lines_.Print(baseline_.center(), ++done_, last); }

  const nets::Evaluator& evaluator_;
  Baseline& baseline_;
  const Options& options_;
  std::vector<double> losses_;
  int64_t iteration_ = 0, done_ = 0;
  ScoreLines lines_;
};

bool Set(const std::string& flag, const char* value, Options& options) {
  if (flag == "--task") {
    const auto task = nets::TaskOf(value);
    if (!task) return false;
    options.task = *task;
  } else if (flag == "--method") {
    options.method = value;
  } else if (flag == "--data") {
    options.data = value;
  } else if (flag == "--batch") {
    options.batch.first = std::strtoull(value, nullptr, 10);
  } else if (flag == "--batch-growth") {
    options.batch.growth = static_cast<uint32_t>(std::strtoul(value, nullptr, 10));
  } else if (flag == "--threads") {
    options.baseline.threads = std::atoi(value);
  } else if (flag == "--evaluations") {
    options.evaluations = static_cast<int64_t>(std::atof(value));
  } else if (flag == "--seed") {
    options.seed = std::strtoull(value, nullptr, 10);
  } else if (flag == "--sigma") {
    options.baseline.sigma = std::atof(value);
  } else if (flag == "--rate") {
    options.baseline.rate = std::atof(value);
  } else if (flag == "--population") {
    options.baseline.population = std::strtoull(value, nullptr, 10) / 2 * 2;  // pairs
  } else if (flag == "--scores") {
    options.scores = std::max(1, std::atoi(value));
  } else {
    return false;
  }
  return true;
}

bool Parse(int argc, char** argv, Options& options) {
  options.baseline.threads = 2;
  for (int n = 1; n < argc; n += 2) {
    if (n + 1 == argc || !Set(argv[n], argv[n + 1], options)) return false;
  }
  return true;
}

int Main(int argc, char** argv) {
  Options options;
  if (!Parse(argc, argv, options)) {
    std::fprintf(stderr, "baseline_bench: see the head of tests/bench/nets/baseline_bench.cc\n");
    return 2;
  }
  auto dataset = nets::Dataset::Read(options.data);
  if (!dataset.ok()) {
    std::fprintf(stderr, "%s\n", dataset.status().ToString().c_str());
    return 1;
  }
  const nets::Evaluator evaluator(options.task, *std::move(dataset), options.batch,
                                  options.baseline.threads);
  const NoiseTable noise(options.seed, options.baseline.threads);
  const std::unique_ptr<Baseline> baseline = Make(noise, evaluator, options);
  if (!baseline) {
    std::fprintf(stderr, "baseline_bench: no method '%s'\n", options.method.c_str());
    return 2;
  }
  Training(evaluator, *baseline, options).Run();
  return 0;
}

}  // namespace
}  // namespace polystep::bench

int main(int argc, char** argv) { return polystep::bench::Main(argc, argv); }
