// How many evaluations one lease gets, so that neither the network nor a dead worker costs much.
// Pure functions.
#ifndef POLYSTEP_SERVER_ENGINE_LEASE_SIZING_H_
#define POLYSTEP_SERVER_ENGINE_LEASE_SIZING_H_

#include <cstdint>

#include "absl/time/time.h"

namespace polystep {

struct LeaseSizing {
  uint32_t asked = 0;      // by the worker; 0: up to us
  uint32_t available = 0;  // evaluations of the step that nobody has
  uint32_t active_workers = 1;
  absl::Duration per_evaluation;  // measured of this worker; zero: unknown
  absl::Duration typical;         // of the study's workers; zero: unknown
  uint32_t largest_finished = 0;  // lease of this worker so far
};

// A worker that says how much it wants gets that. Otherwise two seconds of its work, at most a
// worker's half share of what nobody has (less by as much as it is slower than is typical), at most
// eight times what it finished before (one evaluation for the unknown), at least one. Shares of
// what is left shrink, to what takes a worker two milliseconds or to one evaluation, before nothing
// is left, so that equal workers end a step together.
uint32_t LeaseSize(const LeaseSizing& sizing);

// How much of a step to lease from `first` on (counted from the start of a segment of rows of `row`
// evaluations), so that the lease ends with a row: `count` rounded down, or up to the first end of
// a row where that is within `most`; else `count`.
uint32_t WholeRows(uint32_t first, uint32_t count, uint32_t row, uint32_t most);

// The largest piece that may be handed out again after `lost` leases of it were lost: smaller with
// each, until the evaluation that kills its workers stands alone.
uint32_t PieceAfterLosses(uint32_t lost);

// Medians over a study's workers; zero: nothing is known.
struct TypicalTimes {
  absl::Duration evaluation;  // a worker's time for one
  absl::Duration lease;       // from its grant to its last answer
};

// How long after its grant a lease of `count` evaluations is clearly slow, so that a backup of it
// is worth an evaluation: twice what is typical of its evaluations and of leases of any size (one
// evaluation of a worker with many slots takes longer than its share of the worker's time), ten
// milliseconds at least. InfiniteDuration() where nothing is known.
absl::Duration SlowAfter(uint32_t count, const TypicalTimes& typical);

}  // namespace polystep

#endif  // POLYSTEP_SERVER_ENGINE_LEASE_SIZING_H_
