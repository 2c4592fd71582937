// The retry rules of the API, as a decorator of any Transport.
//
// UNAVAILABLE is retried for every call, and so is a CANCELLED that we did not ask for: gRPC gives
// it to a call that arrives just as its server closes. DEADLINE_EXCEEDED is for Ask, Tell, Renew
// and Release, RESOURCE_EXHAUSTED for Ask if the server says when to come back. Exponential
// back-off with jitter, never sooner than RetryInfo asks. Every call of the API is safe to repeat;
// a stream only before its first message. Thread-safe if the decorated transport is.
#ifndef POLYSTEP_CLIENT_CPP_RETRY_H_
#define POLYSTEP_CLIENT_CPP_RETRY_H_

#include <functional>
#include <memory>
#include <stop_token>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "client/cpp/transport.h"

namespace polystep::client {

struct RetryOptions {
  absl::Duration initial_delay = absl::Milliseconds(50);
  absl::Duration max_delay = absl::Seconds(5);
  double multiplier = 2.0;
  double jitter = 0.5;  // a delay is drawn from [1 - jitter, 1] times its nominal length
  // No attempt starts later than this after the first one; the last error is returned then.
  absl::Duration total = absl::Minutes(10);

  // Time and chance, replaced in tests. `wait` returns false if `stop` was requested meanwhile.
  std::function<absl::Duration()> monotonic_now = {};  // default: the steady clock
  std::function<bool(absl::Duration, std::stop_token)> wait = {};
  std::function<double()> uniform = {};  // in [0, 1); called from several threads
};

enum class Retryable { kUnavailable, kAlsoDeadline, kAlsoExhausted };

// True if a call of this class may be repeated after this error.
bool IsRetryable(const absl::Status& status, Retryable retryable);

// Calls `attempt` until it succeeds, fails for good, or time is up.
absl::Status RunWithRetries(const RetryOptions& options, const CallOptions& call,
                            Retryable retryable, const std::function<absl::Status()>& attempt);

std::shared_ptr<Transport> MakeRetryingTransport(std::shared_ptr<Transport> transport,
                                                 RetryOptions options);

// `options` with the members that are absent filled in.
RetryOptions WithDefaults(RetryOptions options);

}  // namespace polystep::client

#endif  // POLYSTEP_CLIENT_CPP_RETRY_H_
