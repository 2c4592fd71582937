#include "tests/bench/search/run.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <utility>

#include "core/random/random_stream.h"

namespace polystep::bench {
namespace {

Search MakeSearch(const Problem& problem, const RunOptions& options, uint64_t seed) {
  SearchSpec spec;
  spec.parameters = problem.parameters;
  spec.seed = seed;
  spec.optimizer.method = options.method;
  spec.optimizer.parallelism = options.parallelism;
  spec.horizon_evaluations = problem.budget;
  if (options.disturbance.noisy()) spec.noise = Noise::kNoisy;
  spec.repeats = options.repeats;
  auto search = Search::Create(spec);
  if (!search.ok()) {
    std::fprintf(stderr, "%s\n", search.status().ToString().c_str());
    std::exit(1);
  }
  return *std::move(search);
}

class Evaluator {
 public:
  Evaluator(const Problem& problem, const Disturbance& disturbance, uint64_t seed)
      : problem_(problem), disturbance_(disturbance), chance_(seed, 1, 0, Draw::kJitter) {}

  Outcome Evaluate(const Point& point, double& loss) {
    const double chance = chance_.Uniform();
    if (chance < disturbance_.missing) return Outcome::kMissing;
    if (chance < disturbance_.missing + disturbance_.infeasible) return Outcome::kInfeasible;
    loss = problem_.loss(point);
    if (disturbance_.multiplicative > 0.0) {
      loss *= 1.0 + disturbance_.multiplicative * chance_.Normal();
    }
    if (disturbance_.additive > 0.0) loss += disturbance_.additive * chance_.Normal();
    return Outcome::kLoss;
  }

 private:
  const Problem& problem_;
  const Disturbance& disturbance_;
  RandomStream chance_;
};

}  // namespace

Run Minimize(const Problem& problem, const RunOptions& options, uint64_t seed) {
  Search search = MakeSearch(problem, options, seed);
  Evaluator evaluator(problem, options.disturbance, seed);
  Run run;
  run.reached.assign(options.targets.size(), -1);
  std::vector<double> point(static_cast<size_t>(search.space()->dimension()));
  while (search.steps_without_evaluation() < 1000) {
    const StepPlan& plan = search.Open(problem.budget - run.evaluations);
    if (plan.count == 0) break;
    std::vector<double> losses(plan.count, 0.0);
    std::vector<Outcome> outcomes(plan.count, Outcome::kMissing);
    std::vector<bool> reused(plan.count, false);
    for (const Reused& r : plan.reused) reused[r.index] = true;
    for (uint32_t i = 0; i < plan.count; ++i) {
      if (reused[i]) continue;
      search.Candidates(i, 1, absl::MakeSpan(point));
      outcomes[i] = evaluator.Evaluate(search.space()->Decode(point), losses[i]);
      run.evaluations += outcomes[i] == Outcome::kMissing ? 0 : 1;
    }
    const StepSummary summary = search.Close(absl::MakeSpan(losses), absl::MakeSpan(outcomes));
    ++run.steps;
    if (!search.best() || !summary.improved) continue;
    run.best = problem.loss(search.space()->Decode(search.best()->point.Coordinates()));
    for (size_t t = 0; t < options.targets.size(); ++t) {
      if (run.reached[t] < 0 && run.best <= options.targets[t]) run.reached[t] = run.evaluations;
    }
    if (options.stop_at_target && run.best <= problem.target) break;
  }
  run.solved = run.best <= problem.target;
  return run;
}

}  // namespace polystep::bench
