// The study of a formula on a server: one binary tensor of its variables. Thread-safe as functions.
#ifndef POLYSTEP_CLIENT_EXAMPLES_MAXSAT_STUDY_H_
#define POLYSTEP_CLIENT_EXAMPLES_MAXSAT_STUDY_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "client/cpp/client.h"
#include "client/examples/maxsat/formula.h"

namespace polystep::maxsat {

struct StudyOptions {
  std::string study;  // its id; empty: made of the formula and the seed
  uint64_t seed = 1;
  uint64_t hard_weight = 1;  // of a hard clause in the loss
  // What the search plans for, and ends after; absent: it plans for no end.
  std::optional<int64_t> max_evaluations;
};

struct OpenedStudy {
  client::Study study;
  // Whether this call created it or let it go on. Else it was running: its owner ends it.
  bool owned = false;
};

// Creates the study, joins it where it runs, or lets it go on where it was paused.
// FAILED_PRECONDITION if it belongs to another formula.
absl::StatusOr<OpenedStudy> OpenStudy(const client::Client& client, const Formula& formula,
                                      const StudyOptions& options);

// The best assignment so far, a byte a variable. FAILED_PRECONDITION before the first loss.
absl::StatusOr<std::vector<uint8_t>> BestAssignment(const client::Study& study);

// 16 hex digits that tell formulas, and losses made of them, apart.
std::string Fingerprint(const Formula& formula, uint64_t hard_weight);

}  // namespace polystep::maxsat

#endif  // POLYSTEP_CLIENT_EXAMPLES_MAXSAT_STUDY_H_
