// Whatever happens to servers, workers and the network between them, a study ends as it would have
// undisturbed. Each seed is one world; POLYSTEP_SIM_SEEDS says how many, POLYSTEP_SIM_SEED runs
// one.
#include <gtest/gtest.h>

#include <cstdlib>
#include <iostream>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "tests/sim/sim_world.h"

namespace polystep {
namespace {

uint64_t FromEnvironment(const char* name, uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

// One worker, nothing goes wrong.
StudyView Undisturbed(int kind, uint64_t study_seed) {
  SimWorld::Options options;
  options.seed = study_seed;
  SimWorld world({MakeSimStudy(kind, study_seed)}, options);
  std::optional<StudyView> view = world.Run()[0];
  for (const std::string& violation : world.violations()) ADD_FAILURE() << violation;
  return view.value_or(StudyView{});
}

// Run once for all worlds.
const StudyView& Expected(int kind, uint64_t study_seed) {
  static std::map<std::pair<int, uint64_t>, StudyView> undisturbed;
  auto [known, is_new] = undisturbed.try_emplace({kind, study_seed});
  if (is_new) known->second = Undisturbed(kind, study_seed);
  return known->second;
}

SimWorld::Options Disturbed(uint64_t seed) {
  SimExecutor chance(seed * 7919 + 1);
  SimWorld::Options options;
  options.seed = seed;
  options.workers = 1 + static_cast<int>(chance.Number(8));
  options.worker.crash = 0.05;
  options.worker.stall = 0.05;
  options.worker.abandon = 0.1;
  options.worker.split = 0.4;
  options.worker.mischief = 0.2;
  options.network.drop = 0.03;
  options.network.duplicate = 0.1;
  options.network.max_delay = absl::Milliseconds(40);
  options.mean_seconds_between_crashes = chance.Chance(0.8) ? 3.0 + 10.0 * chance.Number(3) : 0.0;
  if (chance.Chance(0.5)) options.crash_after_acknowledgement = 0.02;
  if (chance.Chance(0.3)) options.store_queue = 1;
  options.snapshot_interval = absl::Seconds(chance.Chance(0.5) ? 2 : 60);
  return options;
}

// What the seeds went through, so that a simulation that has gone quiet is noticed.
struct Totals {
  int64_t crashes = 0, tasks = 0, evaluations = 0, duplicate = 0, conflicting = 0, stale = 0,
          lost = 0, transient = 0;
};

void ExpectSame(const StudyView& view, const StudyView& expected) {
  EXPECT_EQ(view.trajectory_digest, expected.trajectory_digest);
  EXPECT_EQ(view.evaluations, expected.evaluations);
  EXPECT_EQ(view.step, expected.step);
  EXPECT_EQ(view.state_reason, expected.state_reason);
  EXPECT_EQ(view.counters.infeasible, expected.counters.infeasible);
  EXPECT_EQ(view.counters.reused, expected.counters.reused);
  ASSERT_TRUE(view.best.has_value() && expected.best.has_value());
  EXPECT_EQ(view.best->loss, expected.best->loss);
  EXPECT_EQ(view.best->point, expected.best->point);
}

void RunSeed(uint64_t seed, Totals& totals) {
  SCOPED_TRACE("reproduce with POLYSTEP_SIM_SEED=" + std::to_string(seed));
  const int kind = static_cast<int>(seed % kSimStudies);
  const uint64_t study_seed = 1 + seed / kSimStudies % 5;
  std::vector<int> kinds = {kind};
  // Every fourth world has one pool of workers for two studies.
  if (seed % 4 == 3) kinds.push_back((kind + 1 + static_cast<int>(seed / 4 % 5)) % kSimStudies);
  std::vector<SimStudy> studies;
  for (int each : kinds) studies.push_back(MakeSimStudy(each, study_seed));

  SimWorld world(std::move(studies), Disturbed(seed));
  const std::vector<std::optional<StudyView>> views = world.Run();
  for (const std::string& violation : world.violations()) ADD_FAILURE() << violation;
  totals.crashes += world.crashes();
  totals.tasks += world.executor().tasks_run();
  for (size_t n = 0; n < views.size(); ++n) {
    ASSERT_TRUE(views[n].has_value()) << world.crashes() << " crashes";
    totals.evaluations += views[n]->evaluations;
    totals.duplicate += views[n]->counters.duplicate;
    totals.conflicting += views[n]->counters.conflicting;
    totals.stale += views[n]->counters.stale;
    totals.lost += views[n]->counters.lost;
    totals.transient += views[n]->counters.transient;
    ExpectSame(*views[n], Expected(kinds[n], study_seed));
  }
}

TEST(Simulation, AnyDisturbance_SameTrajectory) {
  Totals totals;
  if (std::getenv("POLYSTEP_SIM_SEED") != nullptr) {
    return RunSeed(FromEnvironment("POLYSTEP_SIM_SEED", 0), totals);
  }
  uint64_t seeds = FromEnvironment("POLYSTEP_SIM_SEEDS", 200);
  for (uint64_t seed = 0; seed < seeds && !HasFailure(); ++seed) RunSeed(seed, totals);
  std::cout << seeds << " seeds: " << totals.crashes << " crashes, " << totals.tasks << " tasks, "
            << totals.evaluations << " evaluations, " << totals.lost << " lost, "
            << totals.duplicate << " duplicate, " << totals.stale << " stale, "
            << totals.conflicting << " conflicting, " << totals.transient << " transient\n";
  if (seeds >= 100) {
    EXPECT_GT(totals.crashes, 0);
    EXPECT_GT(totals.lost, 0);
    EXPECT_GT(totals.duplicate, 0);
    EXPECT_GT(totals.conflicting, 0);
    EXPECT_GT(totals.transient, 0);
  }
}

}  // namespace
}  // namespace polystep
