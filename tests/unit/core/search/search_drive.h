// Drives a Search with a loss function, for tests: open, evaluate what is new, close.
#ifndef POLYSTEP_TESTS_UNIT_CORE_SEARCH_SEARCH_DRIVE_H_
#define POLYSTEP_TESTS_UNIT_CORE_SEARCH_SEARCH_DRIVE_H_

#include <functional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "core/search/search.h"

namespace polystep {

struct Answer {
  double loss = 0.0;
  Outcome outcome = Outcome::kLoss;
  double violation = 0.0;  // above 0: the outcome is kViolation
};

// What a simulator answers to one candidate under one seed.
using Simulator = std::function<Answer(const Point&, uint64_t seed)>;

struct ClosedStep {
  StepPlan plan;
  std::vector<double> losses;
  std::vector<Outcome> outcomes;
  std::vector<double> violations;
  StepSummary summary;
};

inline ClosedStep CloseWith(Search& search, const Simulator& simulator) {
  ClosedStep closed;
  closed.plan = search.Open(1'000'000'000);
  const size_t dimension = static_cast<size_t>(search.space()->dimension());
  closed.losses.assign(closed.plan.count, 0.0);
  closed.outcomes.assign(closed.plan.count, Outcome::kMissing);
  std::vector<bool> reused(closed.plan.count, false);
  for (const Reused& r : closed.plan.reused) reused[r.index] = true;
  std::vector<double> coordinates(dimension);
  for (const Segment& segment : closed.plan.segments) {
    for (uint32_t i = segment.first_index; i < segment.first_index + segment.count(); ++i) {
      if (reused[i]) continue;
      search.Candidates(i, 1, absl::MakeSpan(coordinates));
      const Answer answer = simulator(search.space()->Decode(coordinates), segment.evaluation_seed);
      closed.losses[i] = answer.loss;
      closed.outcomes[i] = answer.outcome;
      if (answer.violation == 0.0) continue;
      closed.outcomes[i] = Outcome::kViolation;
      closed.violations.resize(closed.plan.count, 0.0);
      closed.violations[i] = answer.violation;
    }
  }
  closed.summary = search.Close(absl::MakeSpan(closed.losses), absl::MakeSpan(closed.outcomes),
                                &closed.violations);
  return closed;
}

inline std::vector<ParameterSpec> RealParameters(int count) {
  std::vector<ParameterSpec> parameters;
  for (int i = 0; i < count; ++i) {
    RealDomain domain;
    domain.min = -5.0;
    domain.max = 5.0;
    parameters.push_back({absl::StrCat("x", i), domain});
  }
  return parameters;
}

inline std::vector<ParameterSpec> IntegerParameters(int count, int64_t max) {
  std::vector<ParameterSpec> parameters;
  for (int i = 0; i < count; ++i) {
    parameters.push_back({absl::StrCat("n", i), IntegerDomain{0, max, Scale::kLinear, {}}});
  }
  return parameters;
}

// Squared distance of every number to `optimum`; a tensor element counts like a parameter.
inline Simulator Sphere(double optimum) {
  return [optimum](const Point& point, uint64_t) {
    double sum = 0.0;
    for (const Value& value : point.parameters) {
      const double x = std::holds_alternative<double>(value)
                           ? std::get<double>(value)
                           : static_cast<double>(std::get<int64_t>(value));
      sum += (x - optimum) * (x - optimum);
    }
    for (const auto& tensor : point.tensors) {
      for (double x : tensor) sum += (x - optimum) * (x - optimum);
    }
    return Answer{sum};
  };
}

}  // namespace polystep

#endif  // POLYSTEP_TESTS_UNIT_CORE_SEARCH_SEARCH_DRIVE_H_
