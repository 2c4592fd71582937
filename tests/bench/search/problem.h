// Test problems for the search benchmark: a spec, a loss and the loss that counts as solved.
#ifndef POLYSTEP_TESTS_BENCH_SEARCH_PROBLEM_H_
#define POLYSTEP_TESTS_BENCH_SEARCH_PROBLEM_H_

#include <functional>
#include <string>
#include <vector>

#include "core/search/search.h"

namespace polystep::bench {

struct Problem {
  std::string name;
  int64_t budget = 0;  // evaluations
  double target = 0.0;
  std::vector<ParameterSpec> parameters;
  std::function<double(const Point&)> loss;
};

// Real parameters in [-5, 5], shifted and rotated; "sphere", "ellipsoid", "rosenbrock",
// "rastrigin", "step_ellipsoid". The start is random. Instances differ by `seed`.
Problem RealProblem(const std::string& name, int dimension, uint64_t seed);

// Problems on lattices: "filter", "filter_small", "integer_sphere", "integer_ellipsoid", "one_max",
// "leading_ones", "categorical", "mixed".
Problem LatticeProblem(const std::string& name, uint64_t seed);

}  // namespace polystep::bench

#endif  // POLYSTEP_TESTS_BENCH_SEARCH_PROBLEM_H_
