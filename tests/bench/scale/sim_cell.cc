#include "tests/bench/scale/sim_cell.h"

#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/base/check.h"
#include "server/engine/engine.h"
#include "tests/sim/crashable_storage.h"
#include "tests/sim/sim_executor.h"

namespace polystep::bench {
namespace {

constexpr double kLongestWayS = 0.4e-3;                        // of a message, one direction
constexpr absl::Duration kHalfCommit = absl::Milliseconds(1);  // at most
constexpr absl::Duration kLead = absl::Milliseconds(5);  // as the clients: asked before it is dry
constexpr absl::Duration kRestart = absl::Seconds(1);    // of a worker that died
constexpr char kStudy[] = "scale";

struct Lost {
  absl::Duration at;
  int64_t step;
  uint32_t first;
};

struct World {
  SimExecutor executor{1};
  CrashableStorage storage{{.seed = 1, .max_delay = kHalfCommit}, &executor};
  std::unique_ptr<Engine> engine;
  ScaleCell cell;
  ScaleResult result;
  std::vector<Lost> lost;  // ranges that nobody else has yet

  absl::Duration Way() { return executor.Between(0.0, kLongestWayS); }
};

// Evaluates lease after lease, as the clients do: asks for the next one shortly before this one is
// done.
class SleepingWorker {
 public:
  SleepingWorker(World* world, uint32_t number)
      : world_(world), number_(number), slow_(number < world->cell.slow) {}

  void Ask() {
    asking_ = true;
    AskParams params;
    params.study = kStudy;
    params.worker = absl::StrCat("w", number_, "/", life_);
    params.wait = absl::Seconds(20);
    params.request_id = absl::StrCat(asks_++);
    Later(world_->Way(), [this, params] {
      world_->engine->Ask(
          params, [this, life = life_] { return life != life_; },
          [this, life = life_](absl::StatusOr<AskResult> result) {
            world_->executor.PostAfter(world_->Way(),
                                       [this, life, result = std::move(result)]() mutable {
                                         if (life == life_) Answered(std::move(result));
                                       });
          });
    });
  }

 private:
  void Later(absl::Duration delay, std::function<void()> task) {
    world_->executor.PostAfter(delay, [this, life = life_, task = std::move(task)] {
      if (life == life_) task();
    });
  }

  void Answered(absl::StatusOr<AskResult> result) {
    Check(result.ok(), "a simulated ask failed");
    asking_ = false;
    if (result->lease) {
      Found(*result->lease);
      leases_.push_back(*std::move(result->lease));
      if (!running_) Next();
    } else if (result->study_state == StudyState::kActive) {
      Later(result->retry_delay, [this] { Ask(); });
    }
  }

  // Ranges of the dead that this lease has.
  void Found(const LeaseGrant& lease) {
    std::erase_if(world_->lost, [&](const Lost& lost) {
      const bool here = lease.step == lost.step && lost.first - lease.first_index < lease.count;
      if (here) {
        world_->result.longest_gap =
            std::max(world_->result.longest_gap, world_->executor.Monotonic() - lost.at);
      }
      return here || lease.step > lost.step;
    });
  }

  void Next() {
    if (leases_.empty()) {
      if (!asking_) Ask();
      return;
    }
    running_ = true;
    const LeaseGrant lease = std::move(leases_.front());
    leases_.pop_front();
    const absl::Duration work =
        world_->cell.sleep * (slow_ ? kSlowFactor : 1) * static_cast<int64_t>(lease.count);
    if (lease.step > step_) {
      step_ = lease.step;
      if (step_ > 0 && world_->executor.Chance(world_->cell.dying)) {
        return Later(work / 2, [this, lease] { Die(lease); });
      }
    }
    Later(std::max(absl::ZeroDuration(), work - kLead), [this] {
      if (!asking_ && leases_.empty()) Ask();
    });
    KeepAlive(lease, work);
    Later(work, [this, lease] { Finish(lease); });
  }

  void KeepAlive(const LeaseGrant& lease, absl::Duration left) {
    const absl::Duration third = world_->cell.ttl / 3;
    if (left <= third) return;
    Later(third, [this, lease, left, third] {
      world_->engine->Renew(kStudy, {lease.token},
                            [](const absl::StatusOr<std::vector<RenewResult>>&) {});
      KeepAlive(lease, left - third);
    });
  }

  void Finish(const LeaseGrant& lease) {
    world_->result.evaluated += lease.count;
    TellParams tell;
    tell.study = kStudy;
    tell.token = lease.token;
    tell.step = lease.step;
    tell.slices.push_back({lease.first_index, {}, {}});
    for (uint32_t i = 0; i < lease.count; ++i) {
      tell.slices[0].losses.push_back((lease.first_index + i) * 2654435761u);  // all different
    }
    world_->executor.PostAfter(world_->Way(), [engine = world_->engine.get(), tell] {
      engine->Tell(
          tell, [] { return false; },
          [](const absl::StatusOr<TellResult>& result) {
            Check(result.ok(), "a simulated tell failed");
          });
    });
    running_ = false;
    Next();
  }

  void Die(const LeaseGrant& lease) {
    ++world_->result.deaths;
    world_->lost.push_back({world_->executor.Monotonic(), lease.step, lease.first_index});
    ++life_;
    leases_.clear();
    running_ = asking_ = false;
    Later(kRestart, [this] { Ask(); });
  }

  World* world_;
  const uint32_t number_;
  const bool slow_;
  uint64_t life_ = 0;
  uint64_t asks_ = 0;
  int64_t step_ = -1;
  bool asking_ = false;
  bool running_ = false;
  std::deque<LeaseGrant> leases_;
};

// A step of four evaluations a particle.
CreateStudyParams StudyOf(const ScaleCell& cell) {
  CreateStudyParams params;
  params.id = kStudy;
  TensorSpec tensor;
  tensor.name = "x";
  tensor.shape = {2};
  params.spec.search.tensors = {tensor};
  params.spec.search.optimizer.method = Method::kPopulation;
  params.spec.search.optimizer.particles = cell.evaluations() / 4;
  params.spec.search.seed = 1;
  params.spec.seed_given = true;
  params.spec.lease.ttl = cell.ttl;
  params.spec.lease.backup_leases = cell.backups;
  params.spec.stop.max_steps = cell.steps;
  return params;
}

}  // namespace

ScaleResult RunSimulated(const ScaleCell& cell) {
  World world;
  world.cell = cell;
  world.result.sleep_s = absl::ToDoubleSeconds(cell.sleep);
  Engine::Options options;
  options.random_bytes = [&](size_t count) { return world.executor.Bytes(count); };
  world.engine =
      std::make_unique<Engine>(options, &world.executor, &world.executor, &world.storage);
  Check(world.engine->Recover().ok(), "no simulated engine");
  bool over = false;
  world.engine->CreateStudy(StudyOf(cell), [](const absl::StatusOr<StudyView>& view) {
    Check(view.ok(), "no simulated study");
  });
  while (world.executor.Monotonic() < absl::Milliseconds(20) && world.executor.RunOne()) {
  }
  world.engine->WatchStudy(
      kStudy, -1, [] { return false; },
      [&](absl::StatusOr<Engine::WatchUpdate> update) {
        over = !update.ok() || update->study.state != StudyState::kActive;
        return !over;
      });
  std::vector<std::unique_ptr<SleepingWorker>> workers;
  for (uint32_t i = 0; i < cell.workers; ++i) {
    workers.push_back(std::make_unique<SleepingWorker>(&world, i));
    workers.back()->Ask();
  }
  while (!over && world.executor.RunOne()) {
  }
  bool listed = false;
  world.engine->ListSteps(kStudy, 0, 1000, [&](absl::StatusOr<std::vector<StepRow>> rows) {
    listed = true;
    for (size_t i = kWarmSteps; i < rows->size(); ++i) {
      world.result.steps.push_back((*rows)[i].commit_time - (*rows)[i - 1].commit_time);
    }
  });
  while (!listed && world.executor.RunOne()) {
  }
  return world.result;
}

}  // namespace polystep::bench
