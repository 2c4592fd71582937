// Evaluations that the automatic method needs, as a table.
//
//   search_bench [--seeds N] [--parallelism N] [--masked P] [--infeasible P] [--no-random]
//                [--method N] [problem ...]
//
// Methods are 1 block, 2 population, 3 metric (the automatic choice). Problems are "sphere:10"
// (real, with a dimension) or "filter" (lattice). Without any, all.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include "core/random/random_stream.h"
#include "tests/bench/search/problem.h"

namespace polystep::bench {
namespace {

struct Options {
  int seeds = 10;
  uint32_t parallelism = 0;
  double masked = 0.0;
  double infeasible = 0.0;
  Method method = Method::kAutomatic;
  bool random = true;  // compare with as many random points
  std::vector<std::string> problems;
};

struct Run {
  double best = 0.0;
  int64_t evaluations = 0;  // until the target, or all
  bool solved = false;
};

Run Minimize(const Problem& problem, const Options& options, uint64_t seed) {
  SearchSpec spec;
  spec.parameters = problem.parameters;
  spec.seed = seed;
  spec.optimizer.method = options.method;
  spec.optimizer.parallelism = options.parallelism;
  spec.horizon_evaluations = problem.budget;
  auto search = Search::Create(spec);
  if (!search.ok()) {
    std::fprintf(stderr, "%s\n", search.status().ToString().c_str());
    std::exit(1);
  }
  Run run;
  RandomStream failures(seed, 1, 0, Draw::kJitter);
  std::vector<double> point(search->space()->dimension());
  while (search->steps_without_evaluation() < 1000) {
    const StepPlan& plan = search->Open(problem.budget - run.evaluations);
    if (plan.count == 0) break;
    std::vector<double> losses(plan.count, 0.0);
    std::vector<Outcome> outcomes(plan.count, Outcome::kMissing);
    std::vector<bool> reused(plan.count, false);
    for (const Reused& r : plan.reused) reused[r.index] = true;
    for (uint32_t i = 0; i < plan.count; ++i) {
      if (reused[i]) continue;
      search->Candidates(i, 1, absl::MakeSpan(point));
      ++run.evaluations;
      const double chance = failures.Uniform();
      if (chance < options.masked) continue;
      outcomes[i] = Outcome::kInfeasible;
      if (chance < options.masked + options.infeasible) continue;
      outcomes[i] = Outcome::kLoss;
      losses[i] = problem.loss(search->space()->Decode(point));
    }
    search->Close(absl::MakeSpan(losses), absl::MakeSpan(outcomes));
    if (search->best() && search->best()->loss <= problem.target) break;
  }
  run.best = search->best() ? search->best()->loss : 1e300;
  run.solved = run.best <= problem.target;
  return run;
}

double RandomSearch(const Problem& problem, uint64_t seed) {
  auto space = SearchSpace::Create(problem.parameters, {});
  RandomStream stream(seed, 2, 0, Draw::kInitial);
  std::vector<double> point(space->dimension());
  double best = 1e300;
  for (int64_t n = 0; n < problem.budget; ++n) {
    for (double& c : point) c = stream.Uniform();
    best = std::min(best, problem.loss(space->Decode(point)));
  }
  return best;
}

Problem Make(const std::string& name, uint64_t seed) {
  const size_t colon = name.find(':');
  if (colon == std::string::npos) return LatticeProblem(name, seed);
  return RealProblem(name.substr(0, colon), std::atoi(name.c_str() + colon + 1), seed);
}

void Report(const std::string& name, const Options& options) {
  std::vector<double> best, random;
  std::vector<int64_t> evaluations;
  int solved = 0;
  Problem problem;
  for (int seed = 1; seed <= options.seeds; ++seed) {
    problem = Make(name, seed);
    const Run run = Minimize(problem, options, seed);
    solved += run.solved ? 1 : 0;
    best.push_back(run.best);
    evaluations.push_back(run.evaluations);
    random.push_back(options.random ? RandomSearch(problem, seed) : 0.0);
  }
  std::sort(best.begin(), best.end());
  std::sort(random.begin(), random.end());
  std::sort(evaluations.begin(), evaluations.end());
  const size_t middle = best.size() / 2;
  const auto coordinates = static_cast<double>(problem.parameters.size());
  std::printf("%-22s %6lld %3d/%-3zu %10.3g %10.3g %8lld %8lld %8.0f %10.3g\n",
              problem.name.c_str(), static_cast<long long>(problem.budget), solved, best.size(),
              best[middle], best.back(), static_cast<long long>(evaluations[middle]),
              static_cast<long long>(evaluations.back()),
              static_cast<double>(evaluations[middle]) / coordinates, random[middle]);
  std::fflush(stdout);
}

int Main(int argc, char** argv) {
  Options options;
  for (int i = 1; i < argc; ++i) {
    auto value = [&]() { return i + 1 < argc ? argv[++i] : "0"; };
    if (std::strcmp(argv[i], "--seeds") == 0) {
      options.seeds = std::max(1, std::atoi(value()));
    } else if (std::strcmp(argv[i], "--parallelism") == 0) {
      options.parallelism = static_cast<uint32_t>(std::atoi(value()));
    } else if (std::strcmp(argv[i], "--masked") == 0) {
      options.masked = std::atof(value());
    } else if (std::strcmp(argv[i], "--infeasible") == 0) {
      options.infeasible = std::atof(value());
    } else if (std::strcmp(argv[i], "--method") == 0) {
      options.method = static_cast<Method>(std::atoi(value()));
    } else if (std::strcmp(argv[i], "--no-random") == 0) {
      options.random = false;
    } else {
      options.problems.push_back(argv[i]);
    }
  }
  if (options.problems.empty()) {
    for (const char* name : {"sphere", "ellipsoid", "rosenbrock", "rastrigin", "step_ellipsoid"}) {
      for (const char* dimension : {":2", ":5", ":10", ":20"}) {
        options.problems.push_back(std::string(name) + dimension);
      }
    }
    for (const char* name : {"filter", "filter_small", "integer_sphere", "integer_ellipsoid",
                             "one_max", "leading_ones", "categorical", "mixed"}) {
      options.problems.push_back(name);
    }
  }
  std::printf("%-22s %6s %7s %10s %10s %8s %8s %8s %10s\n", "problem", "budget", "solved", "median",
              "worst", "evals", "most", "per dim", "random");
  for (const std::string& name : options.problems) Report(name, options);
  return 0;
}

}  // namespace
}  // namespace polystep::bench

int main(int argc, char** argv) { return polystep::bench::Main(argc, argv); }
