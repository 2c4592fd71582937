// The worker loop: asks for leases, evaluates their candidates in parallel slots, tells the losses.
//
// An evaluator does not wait for the network: the next lease is asked for shortly before the
// slots run dry. Finished answers are told within a second, so that they are durable while slow
// ones still run. A lease of which nothing was started in time is given back: others may be
// waiting at the end of a step for it. Outages of the server are sat out (RetryOptions.total).
#ifndef POLYSTEP_CLIENT_CPP_WORKER_H_
#define POLYSTEP_CLIENT_CPP_WORKER_H_

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <stop_token>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "client/cpp/evaluation.h"
#include "client/cpp/transport.h"

namespace polystep::client {

struct WorkerOptions {
  int slots = 1;  // evaluations at a time, each on a thread of its own; 1 to 4,096
  // Most candidates in one call of a BatchEvaluator; slots share the last ones evenly.
  uint32_t batch_size = 64;
  std::string worker = {};  // name of this worker; empty: drawn
  // With kAnyStudy: of studies that have all of these; else for people.
  std::map<std::string, std::string> labels = {};
  uint32_t max_evaluations = 0;                     // of one lease; 0: the server sizes it
  absl::Duration poll = absl::Seconds(20);          // how long one Ask waits for work
  absl::Duration tell_interval = absl::Seconds(1);  // a finished answer waits at most this long
  absl::Duration idle_hold = absl::Seconds(1);      // an unstarted lease is kept this long
  absl::Duration farewell = absl::Seconds(5);       // for the last tells and releases after a stop
  std::stop_token stop = {};  // requested: running evaluations are stopped, leases given back
  // Called from the worker's threads with things worth a line of log.
  std::function<void(const std::string&)> log = [](const std::string&) {};
};

struct WorkerSummary {
  // OK when the study ended or `stop` was requested. FAILED_PRECONDITION when the evaluator cannot
  // run (see cannot_run); else the error that ended the loop.
  absl::Status status;
  bool cannot_run = false;
  v1::Study::State study_state = v1::Study::STATE_UNSPECIFIED;  // as last heard
  int64_t leases = 0, evaluations = 0, infeasible = 0, transient = 0;
  // What the server said about the answers; `fenced` leases were of another timeline.
  int64_t accepted = 0, duplicate = 0, stale = 0, conflicting = 0, fenced = 0;
};

// In the place of a study's name: of any that has work. Specs are fetched as leases of them come.
inline constexpr char kAnyStudy[] = "studies/-";

// Evaluates candidates of `study` ("studies/{study_id}") until it ends; of kAnyStudy until `stop`
// is requested. Blocks; threads are joined when it returns. `transport` retries
// (MakeRetryingTransport).
WorkerSummary RunWorker(std::shared_ptr<Transport> transport, const std::string& study,
                        BatchEvaluator evaluator, WorkerOptions options);

}  // namespace polystep::client

#endif  // POLYSTEP_CLIENT_CPP_WORKER_H_
