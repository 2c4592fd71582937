#include <cmath>
#include <memory>
#include <numbers>

#include "absl/strings/str_cat.h"
#include "core/frames/rotation.h"
#include "core/random/random_stream.h"
#include "tests/bench/search/problem.h"

namespace polystep::bench {
namespace {

using Vector = std::vector<double>;

struct Instance {
  int dimension = 0;
  Vector optimum, first, second;  // rotations

  Vector Rotate(const Vector& rotation, const Vector& x) const {
    Vector y(x.size(), 0.0);
    for (size_t i = 0; i < x.size(); ++i) {
      for (size_t j = 0; j < x.size(); ++j) y[i] += rotation[i * x.size() + j] * x[j];
    }
    return y;
  }

  Vector Local(const Point& point) const {
    Vector x(optimum.size());
    for (size_t i = 0; i < x.size(); ++i) x[i] = std::get<double>(point.parameters[i]) - optimum[i];
    return Rotate(first, x);
  }

  // base^(i / (n - 1)).
  double Condition(double base, size_t i) const {
    return dimension > 1 ? std::pow(base, static_cast<double>(i) / (dimension - 1)) : 1.0;
  }
};

double Sphere(const Vector& z) {
  double sum = 0.0;
  for (double value : z) sum += value * value;
  return sum;
}

double Ellipsoid(const Instance& instance, const Vector& z) {
  double sum = 0.0;
  for (size_t i = 0; i < z.size(); ++i) sum += instance.Condition(1e6, i) * z[i] * z[i];
  return sum;
}

double Rosenbrock(const Vector& local) {
  const double stretch = std::max(1.0, std::sqrt(static_cast<double>(local.size())) / 8.0);
  double sum = 0.0;
  for (size_t i = 0; i + 1 < local.size(); ++i) {
    const double a = stretch * local[i] + 1.0;
    const double b = stretch * local[i + 1] + 1.0;
    sum += 100.0 * (b - a * a) * (b - a * a) + (1.0 - a) * (1.0 - a);
  }
  return sum;
}

double Rastrigin(const Vector& z) {
  double sum = 0.0;
  for (double value : z) {
    sum += 10.0 * (1.0 - std::cos(2.0 * std::numbers::pi * value)) + value * value;
  }
  return sum;
}

double StepEllipsoid(const Instance& instance, Vector z) {
  for (size_t i = 0; i < z.size(); ++i) z[i] *= instance.Condition(10.0, i);
  const double first = std::fabs(z[0]) / 1e4;
  for (double& value : z) {
    value =
        std::fabs(value) > 0.5 ? std::floor(0.5 + value) : std::floor(0.5 + 10.0 * value) / 10.0;
  }
  z = instance.Rotate(instance.second, z);
  double sum = 0.0;
  for (size_t i = 0; i < z.size(); ++i) sum += instance.Condition(100.0, i) * z[i] * z[i];
  return 0.1 * std::max(first, sum);
}

}  // namespace

Problem RealProblem(const std::string& name, int dimension, uint64_t seed) {
  auto instance = std::make_shared<Instance>();
  const auto n = static_cast<size_t>(dimension);
  instance->dimension = dimension;
  instance->first.resize(n * n);
  instance->second.resize(n * n);
  RandomStream stream(seed, 0, 999, Draw::kInitial);
  HaarRotation(dimension, stream, absl::MakeSpan(instance->first));
  HaarRotation(dimension, stream, absl::MakeSpan(instance->second));
  Problem problem;
  problem.name = absl::StrCat(name, " ", dimension, "-D");
  problem.budget = int64_t{1000} * dimension;
  problem.target = 1e-6;
  for (size_t i = 0; i < n; ++i) {
    instance->optimum.push_back(8.0 * stream.Uniform() - 4.0);
    RealDomain domain;
    domain.min = -5.0;
    domain.max = 5.0;
    domain.initial = 10.0 * stream.Uniform() - 5.0;
    problem.parameters.push_back({absl::StrCat("x", i), domain});
  }
  problem.loss = [instance, name](const Point& point) {
    const Vector z = instance->Local(point);
    if (name == "sphere") return Sphere(z);
    if (name == "ellipsoid") return Ellipsoid(*instance, z);
    if (name == "rosenbrock") return Rosenbrock(z);
    if (name == "rastrigin") return Rastrigin(z);
    return StepEllipsoid(*instance, z);
  };
  return problem;
}

}  // namespace polystep::bench
