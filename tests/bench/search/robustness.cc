#include "tests/bench/search/robustness.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <limits>

namespace polystep::bench {
namespace {

constexpr double kNever = std::numeric_limits<double>::infinity();

// 1000, 100, ... 1e-6.
std::vector<double> Ladder() {
  std::vector<double> targets;
  for (int exponent = 3; exponent >= -6; --exponent) targets.push_back(std::pow(10.0, exponent));
  return targets;
}

// Median over the runs of the evaluations to target `t`.
double Median(const std::vector<Run>& runs, size_t t) {
  std::vector<double> evaluations;
  for (const Run& run : runs) {
    evaluations.push_back(run.reached[t] < 0 ? kNever : static_cast<double>(run.reached[t]));
  }
  std::sort(evaluations.begin(), evaluations.end());
  return evaluations[(evaluations.size() - 1) / 2];
}

std::vector<Run> Runs(const std::string& name, const ProblemMaker& make, const RunOptions& options,
                      int seeds) {
  std::vector<Run> runs;
  for (int seed = 1; seed <= seeds; ++seed) {
    runs.push_back(Minimize(make(name, seed), options, seed));
  }
  return runs;
}

}  // namespace

void ReportRobustness(const std::vector<std::string>& problems, const ProblemMaker& make,
                      const RunOptions& options, int seeds) {
  RunOptions disturbed = options;
  disturbed.targets = Ladder();
  RunOptions undisturbed = disturbed;
  undisturbed.disturbance = Disturbance();
  double table = 0.0;
  int rows = 0;
  std::printf("%-22s %8s %10s %10s %8s\n", "problem", "targets", "evals", "disturbed", "ratio");
  for (const std::string& name : problems) {
    const std::vector<Run> before = Runs(name, make, undisturbed, seeds);
    const std::vector<Run> after = Runs(name, make, disturbed, seeds);
    double sum = 0.0, last_before = 0.0, last_after = 0.0;
    int targets = 0;
    for (size_t t = 0; t < disturbed.targets.size(); ++t) {
      const double a = Median(before, t);
      const double b = Median(after, t);
      if (a == kNever || b == kNever) break;
      sum += std::log(b / a);
      last_before = a;
      last_after = b;
      ++targets;
    }
    if (targets > 0) {
      table += sum / targets;
      ++rows;
    }
    std::printf("%-22s %8d %10.0f %10.0f %8.3f\n", name.c_str(), targets, last_before, last_after,
                targets > 0 ? std::exp(sum / targets) : 0.0);
    std::fflush(stdout);
  }
  std::printf("%-22s %8s %10s %10s %8.3f\n", "table", "", "", "",
              rows > 0 ? std::exp(table / rows) : 0.0);
}

}  // namespace polystep::bench
