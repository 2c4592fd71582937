// Trains a network of client/examples/nets with core and evaluator in one process: what a study of
// the service comes to, without the service.
//
//   train_bench [--task NAME] [--data DIR] [--batch N] [--batch-growth N] [--threads N]
//               [--evaluations N] [--seed N] [--frame K] [--step R] [--probe R] [--constant]
//               [--score-every N]
//
// Prints a line whenever the evaluations have doubled, and one at the end: evaluations, seconds,
// training loss, validation accuracy and, of the best score, test accuracy.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <thread>
#include <vector>

#include "client/examples/nets/evaluator.h"
#include "core/search/search.h"

namespace polystep::bench {
namespace {

struct Options {
  nets::Task task = nets::Task::kLif;
  std::string data = "/usr/share/datasets/fashion-mnist";
  nets::BatchPlan batch;
  int threads = 2;
  int64_t evaluations = 1'000'000;
  uint64_t seed = 1;
  OptimizerSpec optimizer;
  double probe_end = 0.0;
  double step = 0.0;      // 0: the method's choice
  bool constant = false;  // no horizon
  uint32_t score_every = 50;
};

double Seconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

Schedule Fixed(double value) {
  Schedule schedule;
  schedule.initial = value;
  schedule.target = value;
  return schedule;
}

// Of a training whose schedules are given: the method's own choice looks at the budget.
uint32_t FrameOf(const Options& options) { return options.optimizer.frame_size.value_or(4); }

// In a straight line to nothing at the end of the evaluations, as by default.
Schedule Falling(const nets::Evaluator& evaluator, const Options& options) {
  Schedule schedule = Fixed(options.step);
  if (options.constant) return schedule;
  size_t rows = 0;
  for (const nets::TensorShape& shape : evaluator.tensors()) rows += shape.outputs;
  const auto frame = static_cast<int64_t>(FrameOf(options));
  schedule.kind = Schedule::Kind::kRamp;
  schedule.total_steps =
      options.evaluations /
      (2 * std::max<int64_t>(1, static_cast<int64_t>(rows)) * std::max<int64_t>(1, frame));
  schedule.target = options.step / static_cast<double>(schedule.total_steps);
  return schedule;
}

SearchSpec SpecOf(const nets::Evaluator& evaluator, const Options& options) {
  SearchSpec spec;
  for (const nets::TensorShape& shape : evaluator.tensors()) {
    TensorSpec tensor;
    tensor.name = shape.name;
    tensor.shape = {static_cast<int64_t>(shape.outputs), static_cast<int64_t>(shape.columns)};
    tensor.initializer.kind = shape.start == nets::TensorShape::Start::kUniform
                                  ? Initializer::Kind::kUniform
                                  : Initializer::Kind::kNormal;
    tensor.initializer.scale = shape.scale;
    spec.tensors.push_back(tensor);
  }
  spec.seed = options.seed;
  spec.noise = Noise::kSeeded;
  spec.score_every = options.score_every;
  spec.optimizer = options.optimizer;
  if (options.probe_end > 0.0) {
    Options probe = options;
    probe.step = options.optimizer.probe_radius->initial;
    spec.optimizer.probe_radius = Falling(evaluator, probe);
    spec.optimizer.probe_radius->target = options.probe_end;
  }
  if (options.step > 0.0) spec.optimizer.step_radius = Falling(evaluator, options);
  if (options.step > 0.0 || options.optimizer.probe_radius) {
    spec.optimizer.frame_size = FrameOf(options);
  }
  if (!options.constant) spec.horizon_evaluations = options.evaluations;
  return spec;
}

std::vector<float> Floats(absl::Span<const double> values) {
  return {values.begin(), values.end()};
}

class Training {
 public:
  Training(const nets::Evaluator& evaluator, Search search, const Options& options)
      : evaluator_(evaluator), search_(std::move(search)), options_(options) {}

  void Run() {
    const double start = Seconds();
    int64_t next = options_.evaluations / 64;
    while (Step()) {
      if (done_ < next) continue;
      Print(Seconds() - start);
      next = 2 * done_;
    }
    Print(Seconds() - start);
    if (!search_.best()) return;
    const auto best = Floats(search_.best()->point.Coordinates());
    std::printf("best of validation: test %.2f %%\n",
                100.0 * evaluator_.ScoreOf(best, nets::Split::kTest).accuracy);
  }

 private:
  bool Step() {
    const StepPlan& plan = search_.Open(options_.evaluations - done_);
    if (plan.count == 0) return false;
    std::vector<double> losses(plan.count);
    std::vector<Outcome> outcomes(plan.count, Outcome::kLoss);
    const std::vector<float> center = Floats(search_.center());
    for (const Segment& segment : plan.segments) {
      if (segment.purpose == Purpose::kScore) {
        losses[segment.first_index] = evaluator_.ScoreOf(center, nets::Split::kValidation).loss;
        continue;
      }
      const auto pass = evaluator_.Forward(center, segment.evaluation_seed, plan.step);
      Evaluate(*pass, segment,
               absl::MakeSpan(losses).subspan(segment.first_index, segment.count()));
    }
    done_ += plan.count;
    const StepSummary summary = search_.Close(absl::MakeSpan(losses), absl::MakeSpan(outcomes));
    mean_ = summary.mean_loss.value_or(0.0);
    summary_ = summary;
    return true;
  }

  void Evaluate(const nets::Pass& pass, const Segment& segment, absl::Span<double> losses) const {
    std::atomic<uint32_t> row = 0;
    const uint32_t size = segment.vertices * segment.probes;
    const auto work = [&] {
      const size_t width = search_.ChangeWidth();
      std::vector<SearchSpace::Range> ranges(size);
      std::vector<double> values(size * width);
      std::vector<std::vector<float>> rows(size);
      std::vector<nets::RowChange> changes(size);
      for (uint32_t r = row++; r < segment.rows; r = row++) {
        search_.Changes(segment.first_index + r * size, absl::MakeSpan(ranges),
                        absl::MakeSpan(values));
        for (uint32_t n = 0; n < size; ++n) {
          rows[n] = Floats(
              absl::MakeConstSpan(values).subspan(n * width, static_cast<size_t>(ranges[n].size)));
          changes[n] = {static_cast<uint64_t>(ranges[n].first), rows[n]};
        }
        evaluator_.Losses(pass, changes, losses.subspan(size_t{r} * size, size));
      }
    };
    std::vector<std::jthread> others;
    for (int n = 1; n < options_.threads; ++n) others.emplace_back(work);
    work();
  }

  void Print(double seconds) const {
    const auto validation = evaluator_.ScoreOf(Floats(search_.center()), nets::Split::kValidation);
    std::printf(
        "%9lld evaluations %6.1f s  loss %.4f  validation %.4f %.2f %%  step %.4g probe %.4g\n",
        static_cast<long long>(done_), seconds, mean_, validation.loss, 100.0 * validation.accuracy,
        summary_.step_radius, summary_.probe_distance);
    std::fflush(stdout);
  }

  const nets::Evaluator& evaluator_;
  Search search_;
  const Options& options_;
  int64_t done_ = 0;
  double mean_ = 0.0;
  StepSummary summary_;
};

bool Parse(int argc, char** argv, Options& options) {
  options.optimizer.method = Method::kRows;
  for (int n = 1; n < argc; ++n) {
    const std::string flag = argv[n];
    if (flag == "--constant") {
      options.constant = true;
      continue;
    }
    if (n + 1 == argc) return false;
    const char* value = argv[++n];
    if (flag == "--task") {
      const auto task = nets::TaskOf(value);
      if (!task) return false;
      options.task = *task;
    } else if (flag == "--data") {
      options.data = value;
    } else if (flag == "--batch") {
      options.batch.first = std::strtoull(value, nullptr, 10);
    } else if (flag == "--batch-growth") {
      options.batch.growth = static_cast<uint32_t>(std::strtoul(value, nullptr, 10));
    } else if (flag == "--threads") {
      options.threads = std::atoi(value);
    } else if (flag == "--evaluations") {
      options.evaluations = static_cast<int64_t>(std::atof(value));
    } else if (flag == "--seed") {
      options.seed = std::strtoull(value, nullptr, 10);
    } else if (flag == "--frame") {
      options.optimizer.frame_size = static_cast<uint32_t>(std::atoi(value));
    } else if (flag == "--step") {
      options.step = std::atof(value);
    } else if (flag == "--probe") {
      options.optimizer.probe_radius = Fixed(std::atof(value));
    } else if (flag == "--probe-end") {
      options.probe_end = std::atof(value);
    } else if (flag == "--score-every") {
      options.score_every = static_cast<uint32_t>(std::atoi(value));
    } else {
      return false;
    }
  }
  return true;
}

int Main(int argc, char** argv) {
  Options options;
  if (!Parse(argc, argv, options)) {
    std::fprintf(stderr, "train_bench: see the head of tests/bench/nets/train_bench.cc\n");
    return 2;
  }
  auto dataset = nets::Dataset::Read(options.data);
  if (!dataset.ok()) {
    std::fprintf(stderr, "%s\n", dataset.status().ToString().c_str());
    return 1;
  }
  const nets::Evaluator evaluator(options.task, *std::move(dataset), options.batch);
  auto search = Search::Create(SpecOf(evaluator, options));
  if (!search.ok()) {
    std::fprintf(stderr, "%s\n", search.status().ToString().c_str());
    return 1;
  }
  Training(evaluator, *std::move(search), options).Run();
  return 0;
}

}  // namespace
}  // namespace polystep::bench

int main(int argc, char** argv) { return polystep::bench::Main(argc, argv); }
