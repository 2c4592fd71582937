// One run of the simulation: a store, a server that comes and goes, a network, workers, and
// studies that they all work on.
#ifndef POLYSTEP_TESTS_SIM_SIM_WORLD_H_
#define POLYSTEP_TESTS_SIM_SIM_WORLD_H_

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "server/engine/engine.h"
#include "tests/sim/crashable_storage.h"
#include "tests/sim/fake_network.h"
#include "tests/sim/sim_executor.h"
#include "tests/sim/sim_study.h"
#include "tests/sim/sim_worker.h"

namespace polystep {

class SimWorld {
 public:
  struct Options {
    uint64_t seed = 1;
    int workers = 1;
    SimWorker::Options worker;
    FakeNetwork::Options network;
    double mean_seconds_between_crashes = 0.0;  // of the server; 0: it never crashes
    double graceful = 0.3;                      // of the crashes: drained before
    size_t store_queue = 4096;                  // units; beyond, tells are refused
    double crash_after_acknowledgement = 0.0;   // within milliseconds of it
    absl::Duration snapshot_interval = absl::Seconds(60);
  };

  // Of different names.
  SimWorld(std::vector<SimStudy> studies, Options options);

  // Runs the studies to their ends. Without one: what failed is in violations().
  std::vector<std::optional<StudyView>> Run();

  const std::vector<std::string>& violations() const { return violations_; }
  int crashes() const { return crashes_; }
  const SimExecutor& executor() const { return executor_; }

 private:
  void StartServer();
  void CrashServer();
  void StopServer();
  void ScheduleCrash(absl::Duration delay);
  void ScheduleRandomCrash();
  void Upload(size_t n);
  void Create(size_t n);
  void Retell(const SimServed& served);
  void CheckRetold(uint32_t told, const absl::StatusOr<TellResult>& result);
  void Supervise();
  void Judge(size_t n, const StudyView& view);
  void Extend(const SimServed& served);
  void CheckSteps(size_t n);
  bool ended() const;
  void Violation(std::string text) { violations_.push_back(std::move(text)); }

  Options options_;
  SimExecutor executor_;
  CrashableStorage storage_;
  FakeNetwork network_;
  SimShared shared_;
  std::vector<std::unique_ptr<SimWorker>> workers_;
  std::unique_ptr<Engine> engine_;
  std::vector<std::optional<StudyView>> results_;
  size_t unchecked_ = 0;  // studies
  int crashes_ = 0;
  std::vector<std::string> violations_;
};

}  // namespace polystep

#endif  // POLYSTEP_TESTS_SIM_SIM_WORLD_H_
