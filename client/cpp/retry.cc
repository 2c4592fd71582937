#include "client/cpp/retry.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <random>

#include "client/cpp/status_details.h"

namespace polystep::client {
namespace {

absl::Duration SteadyNow() {
  return absl::FromChrono(std::chrono::steady_clock::now().time_since_epoch());
}

bool WaitOnThread(absl::Duration delay, std::stop_token stop) {
  std::mutex mutex;
  std::condition_variable_any condition;
  std::unique_lock<std::mutex> lock(mutex);
  condition.wait_for(lock, stop, absl::ToChronoNanoseconds(delay), [] { return false; });
  return !stop.stop_requested();
}

double ThreadUniform() {
  thread_local std::minstd_rand generator(std::random_device{}());
  return static_cast<double>(generator() - 1) / 2147483647.0;
}

}  // namespace

RetryOptions WithDefaults(RetryOptions options) {
  if (!options.monotonic_now) options.monotonic_now = SteadyNow;
  if (!options.wait) options.wait = WaitOnThread;
  if (!options.uniform) options.uniform = ThreadUniform;
  return options;
}

bool IsRetryable(const absl::Status& status, Retryable retryable) {
  switch (status.code()) {
    case absl::StatusCode::kUnavailable:
    case absl::StatusCode::kCancelled:
      return true;
    case absl::StatusCode::kDeadlineExceeded:
      return retryable != Retryable::kUnavailable;
    case absl::StatusCode::kResourceExhausted:
      return retryable == Retryable::kAlsoExhausted && RetryDelay(status).has_value();
    default:
      return false;
  }
}

absl::Status RunWithRetries(const RetryOptions& options, const CallOptions& call,
                            Retryable retryable, const std::function<absl::Status()>& attempt) {
  absl::Duration start = options.monotonic_now();
  absl::Duration total = std::min(options.total, call.retry_for);
  absl::Duration nominal = options.initial_delay;
  while (true) {
    absl::Status status = attempt();
    if (status.ok() || !IsRetryable(status, retryable)) return status;
    if (absl::IsCancelled(status) && call.stop.stop_requested()) return status;
    double factor = 1.0 - options.jitter * options.uniform();
    absl::Duration delay =
        std::max(nominal * factor, RetryDelay(status).value_or(absl::ZeroDuration()));
    if (options.monotonic_now() - start + delay > total) return status;
    if (!options.wait(delay, call.stop)) return absl::CancelledError("stopped while retrying");
    nominal = std::min(nominal * options.multiplier, options.max_delay);
  }
}

}  // namespace polystep::client
