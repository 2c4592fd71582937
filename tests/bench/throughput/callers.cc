#include "tests/bench/throughput/callers.h"

#include <algorithm>
#include <thread>

#include "absl/time/clock.h"
#include "server/base/clock.h"

namespace polystep::bench {

void Traffic::Add(const Traffic& other) {
  calls += other.calls;
  losses += other.losses;
  bytes_out += other.bytes_out;
  bytes_in += other.bytes_in;
  seconds += other.seconds;
  latencies.insert(latencies.end(), other.latencies.begin(), other.latencies.end());
}

double Percentile(std::vector<float> values, double p) {
  if (values.empty()) return 0.0;
  const auto place = static_cast<ptrdiff_t>(p / 100.0 * static_cast<double>(values.size() - 1));
  std::nth_element(values.begin(), values.begin() + place, values.end());
  return values[static_cast<size_t>(place)];
}

Traffic RunCallers(int callers, absl::Duration duration,
                   const std::function<CallResult(int)>& call) {
  const Clock& clock = SystemClock();
  const absl::Duration start = clock.Monotonic();
  std::vector<Traffic> parts(static_cast<size_t>(callers));
  std::vector<std::thread> threads;
  for (int caller = 0; caller < callers; ++caller) {
    threads.emplace_back([&, caller] {
      Traffic& part = parts[static_cast<size_t>(caller)];
      absl::Duration before = clock.Monotonic();
      while (before - start < duration) {
        const CallResult result = call(caller);
        const absl::Duration after = clock.Monotonic();
        ++part.calls;
        part.losses += result.losses;
        part.bytes_out += result.bytes_out;
        part.bytes_in += result.bytes_in;
        if (result.timed) {
          part.latencies.push_back(static_cast<float>(absl::ToDoubleSeconds(after - before)));
        }
        before = after;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  Traffic all;
  for (const Traffic& part : parts) all.Add(part);
  all.seconds = absl::ToDoubleSeconds(clock.Monotonic() - start);
  return all;
}

}  // namespace polystep::bench
