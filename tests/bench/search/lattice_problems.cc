#include <algorithm>
#include <cmath>
#include <complex>
#include <memory>
#include <numbers>

#include "absl/strings/str_cat.h"
#include "core/random/random_stream.h"
#include "tests/bench/search/problem.h"

namespace polystep::bench {
namespace {

// Preferred numbers of a series over `decades`, both ends included.
std::vector<double> Series(std::vector<double> mantissas, double first, int decades) {
  std::vector<double> values;
  for (int decade = 0; decade < decades; ++decade) {
    for (double m : mantissas) values.push_back(m * first * std::pow(10.0, decade));
  }
  values.push_back(first * std::pow(10.0, decades));
  return values;
}

std::vector<double> E24() {
  return {1.0, 1.1, 1.2, 1.3, 1.5, 1.6, 1.8, 2.0, 2.2, 2.4, 2.7, 3.0,
          3.3, 3.6, 3.9, 4.3, 4.7, 5.1, 5.6, 6.2, 6.8, 7.5, 8.2, 9.1};
}

std::vector<double> E12() { return {1.0, 1.2, 1.5, 1.8, 2.2, 2.7, 3.3, 3.9, 4.7, 5.6, 6.8, 8.2}; }

// Unity-gain Sallen-Key low-pass: H = 1 / (1 + s C2 (R1 + R2) + s^2 R1 R2 C1 C2).
double GainDb(const std::vector<double>& r, const std::vector<double>& c, double hertz) {
  const std::complex<double> s(0.0, 2.0 * std::numbers::pi * hertz);
  std::complex<double> h = 1.0;
  for (size_t stage = 0; 2 * stage < r.size(); ++stage) {
    const double r1 = r[2 * stage], r2 = r[2 * stage + 1];
    const double c1 = c[2 * stage], c2 = c[2 * stage + 1];
    h /= 1.0 + s * c2 * (r1 + r2) + s * s * r1 * r2 * c1 * c2;
  }
  return 20.0 * std::log10(std::abs(h));
}

// Worst violation in dB: pass band to 1 kHz within 0.5 dB, at least `stop_db` down from 2 kHz on.
double MaskViolation(const std::vector<double>& r, const std::vector<double>& c, double stop_db) {
  double worst = -1e9;
  for (int n = 0; n <= 60; ++n) {
    const double hertz = 10.0 * std::pow(100.0, n / 60.0);
    worst = std::max(worst, std::fabs(GainDb(r, c, hertz)) - 0.5);
  }
  for (int n = 0; n <= 40; ++n) {
    const double hertz = 2000.0 * std::pow(50.0, n / 40.0);
    worst = std::max(worst, GainDb(r, c, hertz) + stop_db);
  }
  return worst;
}

Problem Filter(int stages, double stop_db) {
  Problem problem;
  for (int i = 0; i < 2 * stages; ++i) {
    problem.parameters.push_back(
        {absl::StrCat("r", i), DiscreteDomain{Series(E24(), 100.0, 4), {}}});
  }
  for (int i = 0; i < 2 * stages; ++i) {
    problem.parameters.push_back(
        {absl::StrCat("c", i), DiscreteDomain{Series(E12(), 1e-10, 4), {}}});
  }
  problem.loss = [stages, stop_db](const Point& point) {
    std::vector<double> r, c;
    for (int i = 0; i < 2 * stages; ++i) r.push_back(std::get<double>(point.parameters[i]));
    for (int i = 0; i < 2 * stages; ++i) {
      c.push_back(std::get<double>(point.parameters[2 * stages + i]));
    }
    return MaskViolation(r, c, stop_db);
  };
  problem.budget = 5000;
  return problem;
}

Problem Integers(uint64_t seed, double condition) {
  Problem problem;
  RandomStream stream(seed, 0, 998, Draw::kInitial);
  std::vector<double> optimum;
  for (int i = 0; i < 10; ++i) {
    problem.parameters.push_back(
        {absl::StrCat("n", i), IntegerDomain{-50, 50, Scale::kLinear, {}}});
    optimum.push_back(std::floor(80.0 * stream.Uniform()) - 40.0);
  }
  problem.loss = [optimum, condition](const Point& point) {
    double sum = 0.0;
    for (size_t i = 0; i < optimum.size(); ++i) {
      const double d = static_cast<double>(std::get<int64_t>(point.parameters[i])) - optimum[i];
      sum += std::pow(condition, static_cast<double>(i) / 9.0) * d * d;
    }
    return sum;
  };
  problem.budget = condition > 1.0 ? 3000 : 2000;
  return problem;
}

Problem Bits(uint64_t seed, bool leading) {
  Problem problem;
  RandomStream stream(seed, 0, 997, Draw::kInitial);
  std::vector<bool> wanted;
  for (int i = 0; i < 30; ++i) {
    problem.parameters.push_back({absl::StrCat("b", i), BooleanDomain{}});
    wanted.push_back(stream.Uniform() < 0.5);
  }
  problem.loss = [wanted, leading](const Point& point) {
    double wrong = 0.0;
    for (size_t i = 0; i < wanted.size(); ++i) {
      if (std::get<bool>(point.parameters[i]) == wanted[i]) continue;
      if (leading) return static_cast<double>(wanted.size() - i);
      wrong += 1.0;
    }
    return wrong;
  };
  problem.budget = leading ? 3000 : 1500;
  return problem;
}

// Five categoricals of seven choices with random costs, and random costs of neighbouring pairs.
Problem Table(uint64_t seed) {
  Problem problem;
  constexpr int kCount = 5, kChoices = 7;
  auto costs = std::make_shared<std::vector<double>>();
  auto pairs = std::make_shared<std::vector<double>>();
  RandomStream stream(seed, 0, 996, Draw::kInitial);
  for (int i = 0; i < kCount * kChoices; ++i) costs->push_back(stream.Uniform());
  for (int i = 0; i < kCount * kChoices * kChoices; ++i) pairs->push_back(0.5 * stream.Uniform());
  for (int i = 0; i < kCount; ++i) {
    CategoricalDomain domain;
    for (int c = 0; c < kChoices; ++c) domain.choices.push_back(std::string(1, char('a' + c)));
    problem.parameters.push_back({absl::StrCat("c", i), domain});
  }
  auto total = [costs, pairs](const std::vector<int>& at) {
    double sum = 0.0;
    for (int i = 0; i < kCount; ++i) {
      sum += (*costs)[i * kChoices + at[i]];
      sum += (*pairs)[(i * kChoices + at[i]) * kChoices + at[(i + 1) % kCount]];
    }
    return sum;
  };
  double best = 1e9;
  for (int code = 0; code < 16807; ++code) {
    int rest = code;
    std::vector<int> at;
    for (int i = 0; i < kCount; ++i, rest /= kChoices) at.push_back(rest % kChoices);
    best = std::min(best, total(at));
  }
  problem.loss = [total, best](const Point& point) {
    std::vector<int> at;
    for (const Value& value : point.parameters) at.push_back(std::get<std::string>(value)[0] - 'a');
    return total(at) - best;
  };
  problem.budget = 1500;
  problem.target = 1e-12;
  return problem;
}

// Two reals, three integers (one logarithmic), two booleans and a categorical that choose a regime.
Problem Mixed() {
  Problem problem;
  RealDomain real;
  real.min = -5.0;
  real.max = 5.0;
  problem.parameters = {{"x", real},
                        {"y", real},
                        {"i", IntegerDomain{0, 20, Scale::kLinear, {}}},
                        {"j", IntegerDomain{-30, 30, Scale::kLinear, {}}},
                        {"k", IntegerDomain{1, 1000, Scale::kLog, {}}},
                        {"on", BooleanDomain{}},
                        {"fast", BooleanDomain{}},
                        {"mode", CategoricalDomain{{"red", "green", "blue", "black"}, {}}}};
  problem.loss = [](const Point& point) {
    const auto& p = point.parameters;
    const double x = std::get<double>(p[0]), y = std::get<double>(p[1]);
    const auto i = static_cast<double>(std::get<int64_t>(p[2]));
    const auto j = static_cast<double>(std::get<int64_t>(p[3]));
    const auto k = static_cast<double>(std::get<int64_t>(p[4]));
    const std::string& mode = std::get<std::string>(p[7]);
    double loss = (x - 1.5) * (x - 1.5) + (x + y) * (x + y);
    loss += 0.5 * (i - 17.0) * (i - 17.0) + 0.1 * (j + 8.0) * (j + 8.0);
    loss += std::pow(std::log(k / 200.0), 2.0) * 5.0;
    if (!std::get<bool>(p[5])) loss += 3.0;
    if (std::get<bool>(p[6]) != (mode == "blue")) loss += 2.0;
    if (mode != "blue") loss += mode == "red" ? 1.0 : 1.5;
    return loss;
  };
  problem.budget = 3000;
  problem.target = 1e-6;
  return problem;
}

}  // namespace

Problem LatticeProblem(const std::string& name, uint64_t seed) {
  Problem problem;
  if (name == "filter") problem = Filter(3, 40.0);
  if (name == "filter_small") problem = Filter(2, 22.0);
  if (name == "integer_sphere") problem = Integers(seed, 1.0);
  if (name == "integer_ellipsoid") problem = Integers(seed, 1e4);
  if (name == "one_max") problem = Bits(seed, false);
  if (name == "leading_ones") problem = Bits(seed, true);
  if (name == "categorical") problem = Table(seed);
  if (name == "mixed") problem = Mixed();
  problem.name = name;
  return problem;
}

}  // namespace polystep::bench
