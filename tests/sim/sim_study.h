// The studies the simulation runs and the simulators its workers call: a loss with a violation, an
// infeasible answer or a failure as a function of the candidate and the evaluation seed.
#ifndef POLYSTEP_TESTS_SIM_SIM_STUDY_H_
#define POLYSTEP_TESTS_SIM_SIM_STUDY_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "server/engine/engine.h"

namespace polystep {

struct SimAnswer {
  enum class Kind : uint8_t { kLoss, kInfeasible, kTransient, kTransientOnce };
  Kind kind = Kind::kLoss;
  double loss = 0.0;
  double violation = 0.0;
};

struct SimStudy {
  std::string name;
  StudySpec spec;
  // Once it SUCCEEDED under spec.stop, it goes on under these.
  std::optional<StopCriteria> then;
  // Start values of the first tensor, uploaded before the study is created; empty: none.
  std::vector<float> upload = {};

  SimAnswer Evaluate(const Point& point, uint64_t evaluation_seed) const;
};

inline constexpr int kSimStudies = 13;
// Number `kind` of them, of a seed.
SimStudy MakeSimStudy(int kind, uint64_t seed);

}  // namespace polystep

#endif  // POLYSTEP_TESTS_SIM_SIM_STUDY_H_
