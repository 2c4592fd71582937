// Trains a network of client/examples/nets with what the service does without: Adam on gradients,
// as a ceiling.
//
//   gradient_bench [--task NAME] [--data DIR] [--batch N] [--threads N] [--evaluations N]
//                  [--seed N] [--rate R] [--scores N]
//
// An evaluation is a gradient of a mini-batch. The rate falls in a straight line to nothing. Prints
// the lines of score_lines.h for N scores, spread evenly.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "client/examples/nets/evaluator.h"
#include "tests/bench/nets/gradients.h"
#include "tests/bench/nets/score_lines.h"
#include "tests/bench/nets/start.h"

namespace polystep::bench {
namespace {

struct Options {
  nets::Task task = nets::Task::kLif;
  std::string data = "/usr/share/datasets/fashion-mnist";
  size_t batch = 512;
  int threads = 2;
  int64_t evaluations = 1000;
  uint64_t seed = 1;
  double rate = 0.002;
  int64_t scores = 20;
};

void Train(const nets::Evaluator& evaluator, const Options& options) {
  std::vector<float> values = StartOf(evaluator.tensors(), options.seed);
  std::vector<float> first(values.size()), second(values.size());
  ScoreLines lines(evaluator);
  const int64_t every = std::max<int64_t>(1, options.evaluations / options.scores);
  for (int64_t t = 0; t < options.evaluations; ++t) {
    if (t % every == 0) lines.Print(values, t, false);
    RandomStream seeds(options.seed, static_cast<uint64_t>(t), 0, Draw::kEvaluationSeed);
    const auto batch = evaluator.BatchOf(seeds.NextU64());
    const std::vector<float> gradient = GradientOf(options.task, values, *batch);
    const auto step = static_cast<double>(t + 1);
    const double left = 1.0 - static_cast<double>(t) / static_cast<double>(options.evaluations);
    const auto rate = static_cast<float>(
        options.rate * left * std::sqrt(1.0 - std::pow(0.999, step)) / (1.0 - std::pow(0.9, step)));
    for (size_t k = 0; k < values.size(); ++k) {
      first[k] = 0.9f * first[k] + 0.1f * gradient[k];
      second[k] = 0.999f * second[k] + 0.001f * gradient[k] * gradient[k];
      values[k] -= rate * first[k] / (std::sqrt(second[k]) + 1e-8f);
    }
  }
  lines.Print(values, options.evaluations, true);
}

bool Set(const std::string& flag, const char* value, Options& options) {
  if (flag == "--task") {
    const auto task = nets::TaskOf(value);
    if (!task) return false;
    options.task = *task;
  } else if (flag == "--data") {
    options.data = value;
  } else if (flag == "--batch") {
    options.batch = std::strtoull(value, nullptr, 10);
  } else if (flag == "--threads") {
    options.threads = std::atoi(value);
  } else if (flag == "--evaluations") {
    options.evaluations = static_cast<int64_t>(std::atof(value));
  } else if (flag == "--seed") {
    options.seed = std::strtoull(value, nullptr, 10);
  } else if (flag == "--rate") {
    options.rate = std::atof(value);
  } else if (flag == "--scores") {
    options.scores = std::max(1, std::atoi(value));
  } else {
    return false;
  }
  return true;
}

int Main(int argc, char** argv) {
  Options options;
  for (int n = 1; n < argc; n += 2) {
    if (n + 1 < argc && Set(argv[n], argv[n + 1], options)) continue;
    std::fprintf(stderr, "gradient_bench: see the head of tests/bench/nets/gradient_bench.cc\n");
    return 2;
  }
  auto dataset = nets::Dataset::Read(options.data);
  if (!dataset.ok()) {
    std::fprintf(stderr, "%s\n", dataset.status().ToString().c_str());
    return 1;
  }
  const nets::Evaluator evaluator(options.task, *std::move(dataset),
                                  {.first = options.batch, .growth = 0}, options.threads);
  Train(evaluator, options);
  return 0;
}

}  // namespace
}  // namespace polystep::bench

int main(int argc, char** argv) { return polystep::bench::Main(argc, argv); }
