// When to ask for the next lease, so that slots do not run dry and nothing is held for nothing.
//
// Learns how long an evaluation takes and how long the server does. Not thread-safe: the worker
// keeps it under its mutex.
#ifndef POLYSTEP_CLIENT_CPP_PACE_H_
#define POLYSTEP_CLIENT_CPP_PACE_H_

#include <chrono>
#include <cstdint>
#include <optional>
#include <vector>

namespace polystep::client {

class Pace {
 public:
  using Clock = std::chrono::steady_clock;

  explicit Pace(int slots) : running_(static_cast<size_t>(slots)) {}

  void Started(int slot, uint32_t count, Clock::time_point now);
  void Finished(int slot, Clock::time_point now);
  void CallTook(Clock::duration duration);
  // A lease asked for in advance was given back: no more of that until a slot has taken work.
  void HeldForNothing() { patient_ = true; }

  int idle_slots() const { return static_cast<int>(running_.size()) - busy_; }

  // When to ask, given the candidates that no slot has started: at once (min) if a slot is idle,
  // a few round trips before the slots run dry if all are busy, max() if that is not known.
  Clock::time_point AskTime(uint32_t unstarted, Clock::time_point now) const;

 private:
  struct Running {
    Clock::time_point start;
    uint32_t count = 0;
  };
  std::vector<std::optional<Running>> running_;  // by slot
  int busy_ = 0;
  bool patient_ = false;
  std::optional<double> evaluation_s_;  // seconds, exponential mean
  double call_s_ = 0.005;
};

}  // namespace polystep::client

#endif  // POLYSTEP_CLIENT_CPP_PACE_H_
