// The engine on real threads, a real clock and a real store: what the simulation cannot see.
#include <gtest/gtest.h>
#include <stdlib.h>

#include <atomic>
#include <filesystem>
#include <future>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "server/base/clock.h"
#include "server/base/thread_pool.h"
#include "server/engine/engine.h"
#include "server/storage/sqlite_storage.h"

namespace polystep {
namespace {

class Server {
 public:
  Server() {
    EXPECT_NE(mkdtemp(folder_.data()), nullptr);
    absl::StatusOr<std::unique_ptr<SqliteStorage>> storage = SqliteStorage::Open({.path = folder_});
    EXPECT_TRUE(storage.ok()) << storage.status();
    storage_ = *std::move(storage);
    engine_ =
        std::make_unique<Engine>(Engine::Options{}, &SystemClock(), &executor_, storage_.get());
    EXPECT_TRUE(engine_->Recover().ok());
  }
  ~Server() {
    executor_.Shutdown();
    engine_.reset();
    storage_.reset();
    std::filesystem::remove_all(folder_);
  }

  template <class T, class Call>
  absl::StatusOr<T> Await(Call call) {
    auto promise = std::make_shared<std::promise<absl::StatusOr<T>>>();
    call(*engine_, Callback<T>([promise](absl::StatusOr<T> result) {
      promise->set_value(std::move(result));
    }));
    return promise->get_future().get();
  }
  StudyView Get(const std::string& id) {
    return *Await<StudyView>(
        [&](Engine& engine, auto done) { engine.GetStudy(id, std::move(done)); });
  }
  Engine& engine() { return *engine_; }

 private:
  std::string folder_ = testing::TempDir() + "polystep-threads-XXXXXX";
  ThreadPoolExecutor executor_{4};
  std::unique_ptr<SqliteStorage> storage_;
  std::unique_ptr<Engine> engine_;
};

CreateStudyParams Params(std::string id) {
  CreateStudyParams params;
  params.id = std::move(id);
  RealDomain domain;
  domain.min = -1.0;
  domain.max = 1.0;
  params.spec.search.parameters = {{"x", domain}, {"y", domain}};
  params.spec.search.optimizer.method = Method::kPopulation;
  params.spec.search.optimizer.particles = 8;
  params.spec.search.seed = 5;
  params.spec.seed_given = true;
  params.spec.stop.max_steps = 12;
  return params;
}

TellParams Evaluate(const LeaseGrant& lease, const std::string& study) {
  TellParams tell{study, lease.token, lease.step, {{lease.first_index, {}, {}}}, false, {}};
  for (uint32_t i = 0; i < lease.count; ++i) {
    double x = lease.coordinates[2 * i] - 0.3;
    double y = lease.coordinates[2 * i + 1] - 0.6;
    tell.slices[0].losses.push_back(x * x + 3.0 * y * y);
  }
  return tell;
}

// Asks, evaluates, tells twice, until the study is over.
void Work(Server& server, const std::string& study, const std::string& name) {
  for (;;) {
    AskParams ask;
    ask.study = study;
    ask.worker = name;
    ask.wait = absl::Seconds(20);
    absl::StatusOr<AskResult> asked = server.Await<AskResult>([&](Engine& engine, auto done) {
      engine.Ask(
          ask, [] { return false; }, std::move(done));
    });
    ASSERT_TRUE(asked.ok()) << asked.status();
    if (asked->study_state != StudyState::kActive) return;
    if (!asked->lease) continue;
    TellParams tell = Evaluate(*asked->lease, study);
    for (int i = 0; i < 2; ++i) {
      absl::StatusOr<TellResult> told = server.Await<TellResult>([&](Engine& engine, auto done) {
        engine.Tell(
            tell, [] { return false; }, std::move(done));
      });
      ASSERT_TRUE(told.ok()) << told.status();
      ASSERT_EQ(told->conflicting, 0u);
    }
  }
}

StudyView RunStudy(Server& server, const std::string& study, int workers) {
  std::vector<std::thread> threads;
  for (int i = 0; i < workers; ++i) {
    threads.emplace_back([&, i] { Work(server, study, "w" + std::to_string(i)); });
  }
  for (std::thread& thread : threads) thread.join();
  return server.Get(study);
}

TEST(EngineThreads, ManyWorkersOnManyStudies_SameDigestAsOne) {
  Server server;
  for (std::string id : {"one", "many", "more"}) {
    ASSERT_TRUE(server
                    .Await<StudyView>([&](Engine& engine, auto done) {
                      engine.CreateStudy(Params(id), std::move(done));
                    })
                    .ok());
  }
  auto watched = std::make_shared<std::atomic<int64_t>>(0);
  server.engine().WatchStudy(
      "many", -1, [] { return false; },
      [watched](absl::StatusOr<Engine::WatchUpdate> update) {
        if (update.ok()) *watched += update->steps.size();
        return true;
      });
  StudyView one = RunStudy(server, "one", 1);
  std::future<StudyView> more =
      std::async(std::launch::async, [&] { return RunStudy(server, "more", 4); });
  StudyView many = RunStudy(server, "many", 8);
  EXPECT_EQ(one.state, StudyState::kSucceeded);
  EXPECT_EQ(many.trajectory_digest, one.trajectory_digest);
  EXPECT_EQ(many.evaluations, one.evaluations);
  EXPECT_EQ(more.get().trajectory_digest, one.trajectory_digest);
  EXPECT_EQ(*watched, 12);
}

TEST(EngineThreads, ControlAmongTells_EndsAllTheSame) {
  Server server;
  for (std::string id : {"calm", "shaken"}) {
    ASSERT_TRUE(server
                    .Await<StudyView>([&](Engine& engine, auto done) {
                      engine.CreateStudy(Params(id), std::move(done));
                    })
                    .ok());
  }
  StudyView calm = RunStudy(server, "calm", 2);
  std::atomic<bool> over = false;
  std::thread control([&] {
    for (int i = 0; !over; ++i) {
      UpdateStudyParams update;
      update.id = "shaken";
      update.display_name = "n" + std::to_string(i);
      EXPECT_TRUE(server
                      .Await<StudyView>([&](Engine& engine, auto done) {
                        engine.UpdateStudy(update, std::move(done));
                      })
                      .ok());
    }
  });
  StudyView shaken = RunStudy(server, "shaken", 4);
  over = true;
  control.join();
  EXPECT_EQ(shaken.trajectory_digest, calm.trajectory_digest);
}

}  // namespace
}  // namespace polystep
