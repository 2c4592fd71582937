// A worker of the simulation: asks, evaluates, tells in pieces, retries; and dies, stalls, answers
// late and twice. What the server acknowledged is reported at the server's end of the wire.
#ifndef POLYSTEP_TESTS_SIM_SIM_WORKER_H_
#define POLYSTEP_TESTS_SIM_SIM_WORKER_H_

#include <algorithm>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "server/engine/engine.h"
#include "tests/sim/fake_network.h"
#include "tests/sim/sim_executor.h"
#include "tests/sim/sim_study.h"

namespace polystep {

// One honest answer the server has acknowledged.
struct Acknowledged {
  std::string token;
  double loss = 0.0;
  double violation = 0.0;
  bool infeasible = false;
};

// A study that is worked on.
struct SimServed {
  SimStudy study;
  std::string id;
  std::map<std::pair<int64_t, uint32_t>, Acknowledged> acknowledged;  // by step and index
  std::set<std::pair<int64_t, uint32_t>> failed_once;
};

// What all workers and the world share.
struct SimShared {
  SimServed& Of(const std::string& id) {
    return *std::find_if(served.begin(), served.end(),
                         [&](const SimServed& one) { return one.id == id; });
  }

  SimExecutor* executor = nullptr;
  FakeNetwork* network = nullptr;
  std::vector<SimServed> served;  // at least one
  std::function<void(std::string)> violation;
  std::function<void()> tell_acknowledged;  // at the server's end
};

class SimWorker {
 public:
  struct Options {
    double crash = 0.0;        // of a lease
    double stall = 0.0;        // beyond the lease's time
    double abandon = 0.0;      // gives the rest of a lease back
    double split = 0.0;        // tells a lease in pieces, in any order
    double mischief = 0.0;     // tells something else of what was acknowledged
    double chain = 0.5;        // tells ask for the next lease
    double max_seconds = 0.1;  // of an evaluation
  };

  SimWorker(std::string name, Options options, SimShared* shared)
      : name_(std::move(name)), options_(options), shared_(shared) {}

  void Start() { Ask(); }
  void Stop() { ++life_; }

 private:
  struct Batch {  // a lease at work
    LeaseGrant grant;
    std::vector<TellParams> tells;  // the last one goes out last
  };

  void Ask();
  void AskWith(AskParams params);
  void Continue(absl::StatusOr<AskResult> result, AskParams params);
  void Work(LeaseGrant grant);
  void CheckCenter(const LeaseGrant& grant);
  void KeepAlive(const LeaseGrant& grant, absl::Duration work);
  std::vector<TellParams> Answers(const LeaseGrant& grant);
  static void Fill(SimServed& served, const LeaseGrant& grant, const Point& point, uint32_t index,
                   LossSlice& slice);
  void TellNext(std::shared_ptr<Batch> batch);
  void SendTell(std::shared_ptr<Batch> batch, TellParams tell);
  void Observe(const TellParams& tell, const absl::StatusOr<TellResult>& result);
  void Mischief();
  void Crash();
  AskParams NextAsk();
  static AskParams AskOf(const std::string& study, AskParams params);
  void ChooseEncodings(AskParams& params, bool any);
  SimServed& AnyServed();

  // Runs `task` after `delay` unless the worker has died meanwhile.
  void After(absl::Duration delay, std::function<void()> task);

  std::string name_;
  Options options_;
  SimShared* shared_;
  uint64_t life_ = 0;
  uint64_t asks_ = 0;
};

}  // namespace polystep

#endif  // POLYSTEP_TESTS_SIM_SIM_WORKER_H_
