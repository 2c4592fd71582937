// The simulation's one thread, its clock and its chance. A seed decides all: tasks run in the order
// of their virtual times, posted ones after a small seeded delay, so that interleavings vary.
#ifndef POLYSTEP_TESTS_SIM_SIM_EXECUTOR_H_
#define POLYSTEP_TESTS_SIM_SIM_EXECUTOR_H_

#include <cstdint>
#include <map>
#include <utility>

#include "absl/time/time.h"
#include "core/random/random_stream.h"
#include "server/base/clock.h"
#include "server/base/executor.h"

namespace polystep {

class SimExecutor : public Executor, public Clock {
 public:
  explicit SimExecutor(uint64_t seed) : random_(seed, 0, 0, Draw::kJitter) {}

  void Post(Task task) override { PostAfter(Between(0.0, 50e-6), std::move(task)); }
  void PostAfter(absl::Duration delay, Task task) override {
    tasks_.emplace(now_ + delay, std::move(task));
  }
  bool MayRunHere() override { return Chance(0.5); }
  absl::Time Now() const override { return absl::FromUnixSeconds(1'700'000'000) + now_; }
  absl::Duration Monotonic() const override { return now_; }

  // Runs the next task and moves the clock to it; false if there is none.
  bool RunOne() {
    if (tasks_.empty()) return false;
    auto first = tasks_.begin();
    now_ = std::max(now_, first->first);
    Task task = std::move(first->second);
    tasks_.erase(first);
    ++tasks_run_;
    task();
    return true;
  }
  int64_t tasks_run() const { return tasks_run_; }

  bool Chance(double probability) { return random_.Uniform() < probability; }
  absl::Duration Between(double low_s, double high_s) {
    return absl::Seconds(low_s + (high_s - low_s) * random_.Uniform());
  }
  uint64_t Number(uint64_t below) { return random_.NextU64() % below; }
  std::string Bytes(size_t count) {
    std::string bytes;
    while (bytes.size() < count) bytes.push_back(static_cast<char>(random_.NextU32()));
    return bytes;
  }

 private:
  RandomStream random_;
  absl::Duration now_;
  int64_t tasks_run_ = 0;
  std::multimap<absl::Duration, Task> tasks_;
};

}  // namespace polystep

#endif  // POLYSTEP_TESTS_SIM_SIM_EXECUTOR_H_
