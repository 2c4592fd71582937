#include "client/cpp/pace.h"

#include <algorithm>

namespace polystep::client {
namespace {

constexpr double kWeight = 0.2;  // of the newest measurement

double Seconds(Pace::Clock::duration duration) {
  return std::chrono::duration<double>(duration).count();
}

}  // namespace

void Pace::Started(int slot, uint32_t count, Clock::time_point now) {
  running_[static_cast<size_t>(slot)] = Running{now, count};
  ++busy_;
  patient_ = false;
}

void Pace::Finished(int slot, Clock::time_point now) {
  const Running& run = *running_[static_cast<size_t>(slot)];
  double each = Seconds(now - run.start) / run.count;
  evaluation_s_ = evaluation_s_ ? (1 - kWeight) * *evaluation_s_ + kWeight * each : each;
  running_[static_cast<size_t>(slot)].reset();
  --busy_;
}

void Pace::CallTook(Clock::duration duration) {
  call_s_ = (1 - kWeight) * call_s_ + kWeight * Seconds(duration);
}

Pace::Clock::time_point Pace::AskTime(uint32_t unstarted, Clock::time_point now) const {
  if (unstarted < static_cast<uint32_t>(idle_slots())) return Clock::time_point::min();
  if (patient_ || !evaluation_s_) return Clock::time_point::max();
  double first_free = 0.0;  // seconds until a slot is free
  bool known = false;
  for (const std::optional<Running>& run : running_) {
    if (!run) continue;
    double rest = std::max(0.0, *evaluation_s_ * run->count - Seconds(now - run->start));
    first_free = known ? std::min(first_free, rest) : rest;
    known = true;
  }
  double dry = first_free + *evaluation_s_ * unstarted / static_cast<double>(running_.size());
  double lead = std::clamp(4 * call_s_, 0.005, 1.0);
  double wait = std::min(dry - lead, 3600.0);
  if (wait <= 0.0) return Clock::time_point::min();
  return now + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(wait));
}

}  // namespace polystep::client
