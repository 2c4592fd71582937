// Random 3-SAT at the hard ratio, through the optimizer in this process.
//
//   maxsat_bench [--variables N] [--evaluations N] [--ratio R] [--seed N] [--fraction]
//                [--horizon N] [--masked P] [--infeasible P] [--threads N] [--time-limit S]
//
// An evaluation is the number of unsatisfied clauses of a whole candidate (or, with --fraction,
// their share); it is computed from what sets the candidate apart from the center.
#include <algorithm>
#include <atomic>
#include <barrier>
#include <chrono>
#include <cinttypes>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <thread>
#include <vector>

#include "client/examples/maxsat/assignment.h"
#include "client/examples/maxsat/random_formula.h"
#include "core/random/random_stream.h"
#include "core/search/answered_points.h"
#include "core/search/search.h"

namespace polystep::bench {
namespace {

using maxsat::Assignment;
using maxsat::Formula;

struct Options {
  uint32_t variables = 100'000;
  int64_t evaluations = 60'000'000;
  int64_t horizon = -1;  // evaluations that the method plans for; -1: all of them, 0: none
  double ratio = 4.27;
  uint64_t seed = 1;
  bool fraction = false;
  double masked = 0.0;
  double infeasible = 0.0;
  int threads = 1;  // that evaluate
  double time_limit_s = std::numeric_limits<double>::infinity();
};

double Seconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

// Evaluates open steps against an assignment that follows the center, in `threads` threads.
class Evaluator {
 public:
  Evaluator(const Options& options, const Formula& formula)
      : options_(options),
        assignment_(formula),
        unit_(options.fraction ? 1.0 / static_cast<double>(formula.clauses()) : 1.0),
        failures_(options.seed, 1, 0, Draw::kJitter),
        turn_(options.threads) {
    for (int n = 1; n < options.threads; ++n) {
      others_.emplace_back([this] {
        while (true) {
          turn_.arrive_and_wait();
          if (search_ == nullptr) return;
          Share();
          turn_.arrive_and_wait();
        }
      });
    }
  }
  ~Evaluator() {
    search_ = nullptr;
    turn_.arrive_and_wait();
  }

  void Step(Search& search, const StepPlan& plan) {
    Follow(search.center());
    losses_.assign(plan.count, 0.0);
    outcomes_.assign(plan.count, Outcome::kLoss);
    search_ = &search;
    next_ = 0;
    turn_.arrive_and_wait();
    Share();
    turn_.arrive_and_wait();
    Fail();
    const double before = Seconds();
    search.Close(absl::MakeSpan(losses_), absl::MakeSpan(outcomes_));
    closing_ += Seconds() - before;
  }

  double closing() const { return closing_; }  // seconds

 private:
  void Follow(absl::Span<const double> center) {
    for (uint32_t v = 0; v < center.size(); ++v) {
      if ((center[v] >= 0.5) != assignment_.value(v)) assignment_.Flip(v);
    }
  }

  // Evaluates batches until none is left.
  void Share() {
    constexpr uint32_t kBatch = 4096;
    std::vector<SearchSpace::Range> ranges(kBatch);
    std::vector<double> values(kBatch);
    const auto size = static_cast<uint32_t>(losses_.size());
    for (uint32_t first = next_.fetch_add(kBatch); first < size; first = next_.fetch_add(kBatch)) {
      const uint32_t count = std::min(kBatch, size - first);
      search_->Changes(first, absl::MakeSpan(ranges).subspan(0, count),
                       absl::MakeSpan(values).subspan(0, count));
      for (uint32_t n = 0; n < count; ++n) {
        int64_t unsatisfied = assignment_.cost().soft;
        if (ranges[n].size != 0) {
          unsatisfied += assignment_.Difference(static_cast<uint32_t>(ranges[n].first)).soft;
        }
        losses_[first + n] = unit_ * static_cast<double>(unsatisfied);
      }
    }
  }

  void Fail() {
    if (options_.masked + options_.infeasible == 0.0) return;
    for (Outcome& outcome : outcomes_) {
      const double chance = failures_.Uniform();
      if (chance < options_.masked + options_.infeasible) outcome = Outcome::kInfeasible;
      if (chance < options_.masked) outcome = Outcome::kMissing;
    }
  }

  const Options& options_;
  Assignment assignment_;
  double unit_;
  RandomStream failures_;
  double closing_ = 0.0;
  std::vector<double> losses_;
  std::vector<Outcome> outcomes_;
  const Search* search_ = nullptr;  // null: the threads end
  std::atomic<uint32_t> next_{0};   // first row that no thread has taken
  std::barrier<> turn_;             // of a step: before and after it is shared
  std::vector<std::jthread> others_;
};

int Run(const Options& options) {
  const Formula formula =
      maxsat::RandomFormula({.variables = options.variables,
                             .clauses = static_cast<uint64_t>(options.ratio * options.variables),
                             .seed = options.seed});
  SearchSpec spec;
  spec.tensors = {{"x", {options.variables}, TensorKind::kBinary, {}, {}, {}}};
  spec.seed = options.seed;
  spec.horizon_evaluations = options.horizon < 0 ? options.evaluations : options.horizon;
  auto search = Search::Create(spec);
  if (!search.ok()) {
    std::fprintf(stderr, "%s\n", search.status().ToString().c_str());
    return 1;
  }
  Evaluator evaluator(options, formula);
  const double start = Seconds();
  int64_t evaluations = 0;
  double shown = start;
  while (true) {
    const StepPlan& plan = search->Open(options.evaluations - evaluations);
    if (plan.count == 0) break;
    evaluations += plan.count;
    evaluator.Step(*search, plan);
    if (search->best()->loss == 0.0 || Seconds() - start > options.time_limit_s) break;
    if (Seconds() - shown < 10.0) continue;
    shown = Seconds();
    std::fprintf(stderr, "%4.0f s  %" PRId64 " evaluations, best %g\n", shown - start, evaluations,
                 search->best()->loss);
  }
  const double seconds = Seconds() - start;
  const double clauses = static_cast<double>(formula.clauses());
  const double best = search->best()->loss * (options.fraction ? clauses : 1.0);
  std::printf("%u variables, %zu clauses: %.3f %% satisfied, %" PRId64
              " evaluations (%.1f a variable), %" PRId64
              " steps, %.1f s (%.1f closing), digest %016" PRIx64 "\n",
              options.variables, formula.clauses(), 100.0 * (1.0 - best / clauses), evaluations,
              static_cast<double>(evaluations) / options.variables, search->step(), seconds,
              evaluator.closing(), KeyOf(search->Save()).first);
  return 0;
}

int Main(int argc, char** argv) {
  Options options;
  for (int i = 1; i < argc; ++i) {
    auto value = [&]() { return i + 1 < argc ? argv[++i] : "0"; };
    if (std::strcmp(argv[i], "--variables") == 0) {
      options.variables = static_cast<uint32_t>(std::atoll(value()));
    } else if (std::strcmp(argv[i], "--evaluations") == 0) {
      options.evaluations = std::atoll(value());
    } else if (std::strcmp(argv[i], "--horizon") == 0) {
      options.horizon = std::atoll(value());
    } else if (std::strcmp(argv[i], "--ratio") == 0) {
      options.ratio = std::atof(value());
    } else if (std::strcmp(argv[i], "--seed") == 0) {
      options.seed = static_cast<uint64_t>(std::atoll(value()));
    } else if (std::strcmp(argv[i], "--masked") == 0) {
      options.masked = std::atof(value());
    } else if (std::strcmp(argv[i], "--infeasible") == 0) {
      options.infeasible = std::atof(value());
    } else if (std::strcmp(argv[i], "--threads") == 0) {
      options.threads = std::max(1, std::atoi(value()));
    } else if (std::strcmp(argv[i], "--time-limit") == 0) {
      options.time_limit_s = std::atof(value());
    } else if (std::strcmp(argv[i], "--fraction") == 0) {
      options.fraction = true;
    } else {
      std::fprintf(stderr, "unknown option %s\n", argv[i]);
      return 2;
    }
  }
  if (options.variables < 3) {
    std::fprintf(stderr, "--variables must be at least 3\n");
    return 2;
  }
  return Run(options);
}

}  // namespace
}  // namespace polystep::bench

int main(int argc, char** argv) { return polystep::bench::Main(argc, argv); }
