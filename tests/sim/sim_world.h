// One run of the simulation: a store, a server that comes and goes, a network, workers, one study.
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

  SimWorld(SimStudy study, Options options);

  // Runs the study to its end. Empty: what failed is in violations().
  std::optional<StudyView> Run();

  const std::vector<std::string>& violations() const { return violations_; }
  int crashes() const { return crashes_; }
  const SimExecutor& executor() const { return executor_; }

 private:
  void StartServer();
  void CrashServer();
  void StopServer();
  void ScheduleCrash(absl::Duration delay);
  void ScheduleRandomCrash();
  void Retell();
  void CheckRetold(uint32_t told, const absl::StatusOr<TellResult>& result);
  void Supervise();
  void Extend();
  void CheckSteps(const StudyView& view);
  void Violation(std::string text) { violations_.push_back(std::move(text)); }

  SimStudy study_;
  Options options_;
  SimExecutor executor_;
  CrashableStorage storage_;
  FakeNetwork network_;
  SimShared shared_;
  std::vector<std::unique_ptr<SimWorker>> workers_;
  std::unique_ptr<Engine> engine_;
  bool extended_ = false;
  std::optional<StudyView> result_;
  bool checked_ = false;
  int crashes_ = 0;
  std::vector<std::string> violations_;
};

}  // namespace polystep

#endif  // POLYSTEP_TESTS_SIM_SIM_WORLD_H_
