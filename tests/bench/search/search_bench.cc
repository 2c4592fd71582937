// Evaluations that the automatic method needs, as a table.
//
//   search_bench [--seeds N] [--parallelism N] [--missing P] [--infeasible P] [--no-random]
//                [--method N] [--additive S] [--multiplicative S] [--repeats N] [--budget N]
//                [--robustness] [problem ...]
//
// Methods are 1 block, 2 population, 3 metric (the automatic choice). Problems are "sphere:10"
// (real, with a dimension) or "filter" (lattice). Without any, all. --additive and --multiplicative
// are deviations of noise on the losses told; losses printed are true ones. --budget is evaluations
// a parameter. --robustness compares
// each problem, by default those of 20 dimensions, with and without missing and infeasible answers.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include "core/random/random_stream.h"
#include "tests/bench/search/problem.h"
#include "tests/bench/search/robustness.h"
#include "tests/bench/search/run.h"

namespace polystep::bench {
namespace {

struct Options {
  int seeds = 10;
  RunOptions run;
  bool random = true;  // compare with as many random points
  bool robustness = false;
  int64_t budget = 0;  // evaluations a parameter; 0: the problem's
  std::vector<std::string> problems;
};

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
    if (options.budget > 0) {
      problem.budget = options.budget * static_cast<int64_t>(problem.parameters.size());
    }
    const Run run = Minimize(problem, options.run, seed);
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

std::vector<std::string> DefaultProblems(bool robustness) {
  std::vector<std::string> problems;
  for (const char* name : {"sphere", "ellipsoid", "rosenbrock", "rastrigin", "step_ellipsoid"}) {
    for (const char* dimension : {":2", ":5", ":10", ":20"}) {
      if (robustness && std::strcmp(dimension, ":20") != 0) continue;
      problems.push_back(std::string(name) + dimension);
    }
  }
  if (robustness) return problems;
  for (const char* name : {"filter", "filter_small", "integer_sphere", "integer_ellipsoid",
                           "one_max", "leading_ones", "categorical", "mixed"}) {
    problems.push_back(name);
  }
  return problems;
}

Options ParseOptions(int argc, char** argv) {
  Options options;
  Disturbance& disturbance = options.run.disturbance;
  for (int i = 1; i < argc; ++i) {
    const std::string flag = argv[i];
    auto value = [&]() { return i + 1 < argc ? argv[++i] : "0"; };
    if (flag == "--seeds") {
      options.seeds = std::max(1, std::atoi(value()));
    } else if (flag == "--parallelism") {
      options.run.parallelism = static_cast<uint32_t>(std::atoi(value()));
    } else if (flag == "--repeats") {
      options.run.repeats = static_cast<uint32_t>(std::atoi(value()));
    } else if (flag == "--budget") {
      options.budget = std::atoll(value());
    } else if (flag == "--missing") {
      disturbance.missing = std::atof(value());
    } else if (flag == "--infeasible") {
      disturbance.infeasible = std::atof(value());
    } else if (flag == "--additive") {
      disturbance.additive = std::atof(value());
    } else if (flag == "--multiplicative") {
      disturbance.multiplicative = std::atof(value());
    } else if (flag == "--method") {
      options.run.method = static_cast<Method>(std::atoi(value()));
    } else if (flag == "--no-random") {
      options.random = false;
    } else if (flag == "--robustness") {
      options.robustness = true;
    } else {
      options.problems.push_back(flag);
    }
  }
  if (options.problems.empty()) options.problems = DefaultProblems(options.robustness);
  options.run.stop_at_target = !disturbance.noisy();
  return options;
}

int Main(int argc, char** argv) {
  const Options options = ParseOptions(argc, argv);
  if (options.robustness) {
    ReportRobustness(options.problems, Make, options.run, options.seeds);
    return 0;
  }
  std::printf("%-22s %6s %7s %10s %10s %8s %8s %8s %10s\n", "problem", "budget", "solved", "median",
              "worst", "evals", "most", "per dim", "random");
  for (const std::string& name : options.problems) Report(name, options);
  return 0;
}

}  // namespace
}  // namespace polystep::bench

int main(int argc, char** argv) { return polystep::bench::Main(argc, argv); }
