// Workers that behave badly on purpose: slow, out of order, telling in pieces and twice, and never
// giving up when the server is killed under them.
#ifndef POLYSTEP_TESTS_E2E_CRASH_CREW_H_
#define POLYSTEP_TESTS_E2E_CRASH_CREW_H_

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "client/cpp/client.h"
#include "server/base/mutex.h"
#include "tests/e2e/crash/answer_log.h"

namespace polystep {

// Where the server is now. Thread-safe.
class ServerAddress {
 public:
  void Set(const std::string& address);
  // The study on the server of the latest Set, which must have been called; every call of it is
  // attempted once.
  client::Study Get(const std::string& study_id);
  std::string Text();
  // Returns after a Set, or after a while.
  void AwaitChange();

 private:
  Mutex mutex_;
  ConditionVariable changed_;
  std::string address_ ABSL_GUARDED_BY(mutex_);
};

using Simulator = std::function<double(const client::Candidate&)>;

class Crew {
 public:
  struct Options {
    std::string study_id = {};
    v1::StudySpec spec = {};
    Simulator simulator = {};
    int workers = 1;
    bool unruly = false;  // random delays, small leases, pieces in any order, repeats
    uint64_t seed = 1;
  };

  // The arguments outlive the crew. `log` is closed when the study has ended.
  Crew(Options options, ServerAddress* server, AnswerLog* log);
  ~Crew();  // waits for the study's end

  // Sends the workers home before the study's end.
  void Stop() { stopped_ = true; }

  // Errors that are neither the network's nor a restart's. To be read after the study's end.
  std::vector<std::string> Complaints();

 private:
  class Worker;
  void Complain(std::string complaint);

  const Options options_;
  ServerAddress* const server_;
  AnswerLog* const log_;
  std::atomic<bool> stopped_ = false;
  Mutex mutex_;
  std::vector<std::string> complaints_ ABSL_GUARDED_BY(mutex_);
  int running_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::thread> threads_;
};

}  // namespace polystep

#endif  // POLYSTEP_TESTS_E2E_CRASH_CREW_H_
