#include "server/storage/sqlite_storage.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <atomic>
#include <latch>
#include <thread>

#include "tests/temp_folder.h"
#include "tests/unit/server/storage/store_words.h"

namespace polystep {
namespace {

using ::testing::HasSubstr;

class SqliteStorageTest : public testing::Test {
 protected:
  void Open(SqliteWriter::Options writer = {}) {
    storage_.reset();
    auto opened = SqliteStorage::Open({.path = folder_.path(), .writer = std::move(writer)});
    ASSERT_TRUE(opened.ok()) << opened.status();
    storage_ = *std::move(opened);
  }
  void SetUp() override { Open(); }

  absl::Status Commit(std::vector<Mutation> mutations) {
    return CommitNow(*storage_, std::move(mutations));
  }
  // Rows in all tables that hold records of studies.
  int64_t Records() {
    auto connection = SqliteConnection::Open(folder_.path() + "/polystep.db", "");
    return *connection->QueryInt(
        "SELECT (SELECT count(*) FROM studies) + (SELECT count(*) FROM answers) + "
        "(SELECT count(*) FROM steps) + (SELECT count(*) FROM snapshots) + "
        "(SELECT count(*) FROM erased)");
  }

  TempFolder folder_;
  std::unique_ptr<SqliteStorage> storage_;
};

TEST_F(SqliteStorageTest, NewStore_IsEmptyAndPrivate) {
  EXPECT_TRUE(storage_->Studies()->empty());
  struct stat info;
  ASSERT_EQ(::stat((folder_.path() + "/polystep.db").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600u);
}

TEST_F(SqliteStorageTest, Tensors_ComeBackAfterReopeningAndGoWhenErased) {
  const std::string part("v\0\xff", 3);
  ASSERT_TRUE(Commit({PutTensor{{"t", "old"}, {"lost"}}}).ok());
  ASSERT_TRUE(Commit({PutTensor{{"t", "first"}, {part, "and", part}},
                      PutTensor{{"other", ""}, {"x"}}, EraseTensor{"unknown"}})
                  .ok());
  ASSERT_TRUE(Commit({PutTensor{{"t", "second"}, {}}}).ok());
  Open();
  auto tensors = storage_->Tensors();
  ASSERT_TRUE(tensors.ok()) << tensors.status();
  ASSERT_EQ(tensors->size(), 2u);
  EXPECT_EQ((*tensors)[0].id, "t");
  EXPECT_EQ((*tensors)[0].bytes, "second");
  EXPECT_EQ(*storage_->TensorValues("t"), part + "and" + part);
  ASSERT_TRUE(Commit({EraseTensor{"t"}}).ok());
  EXPECT_TRUE(absl::IsNotFound(storage_->TensorValues("t").status()));
  EXPECT_EQ(*storage_->TensorValues("other"), "x");
  auto connection = SqliteConnection::Open(folder_.path() + "/polystep.db", "");
  EXPECT_EQ(*connection->QueryInt("SELECT count(*) FROM tensor_parts"), 1);
}

TEST_F(SqliteStorageTest, Records_ComeBackAfterReopening) {
  std::string binary("a\0b\xff", 4);
  ASSERT_TRUE(Commit({Study("u", binary), Answers("u", 0, binary), Answers("u", 0, ""),
                      PutStep{"u", {0, "step"}}, PutSnapshot{"u", {0, "state"}}})
                  .ok());
  Open();
  auto studies = storage_->Studies();
  ASSERT_TRUE(studies.ok()) << studies.status();
  ASSERT_EQ(studies->size(), 1u);
  EXPECT_EQ(studies->at(0).uid, "u");
  EXPECT_EQ(studies->at(0).id, "id-u");
  EXPECT_EQ(studies->at(0).bytes, binary);
  auto history = storage_->History("u");
  ASSERT_TRUE(history.ok()) << history.status();
  EXPECT_EQ(history->snapshot->bytes, "state");
  ASSERT_EQ(history->answers.size(), 2u);
  EXPECT_EQ(history->answers[0].bytes, binary);
  EXPECT_EQ(history->answers[1].bytes, "");
  ASSERT_EQ(history->steps.size(), 1u);
  EXPECT_EQ(history->steps[0].bytes, "step");
}

TEST_F(SqliteStorageTest, Secret_IsDrawnOnce) {
  std::string secret = *storage_->Secret();
  EXPECT_EQ(secret.size(), 32u);
  Open();
  EXPECT_EQ(*storage_->Secret(), secret);
  TempFolder other;
  EXPECT_NE(*(*SqliteStorage::Open({.path = other.path()}))->Secret(), secret);
}

TEST_F(SqliteStorageTest, PutStudyAgain_ReplacesAndKeepsTheRecords) {
  ASSERT_TRUE(Commit({Study("u"), Answers("u", 0, "x")}).ok());
  ASSERT_TRUE(Commit({Study("u", "new")}).ok());
  EXPECT_EQ(storage_->Studies()->at(0).bytes, "new");
  EXPECT_EQ(storage_->History("u")->answers.size(), 1u);
}

TEST_F(SqliteStorageTest, History_StartsAtTheSnapshotInOrderOfAcceptance) {
  ASSERT_TRUE(Commit({Study("u"), Study("v"), Answers("u", 0, "0"), PutStep{"u", {0, "s0"}}}).ok());
  for (std::string bytes : {"1a", "1b", "1c"}) {
    ASSERT_TRUE(Commit({Answers("v", 1, "other"), Answers("u", 1, bytes)}).ok());
  }
  ASSERT_TRUE(Commit({PutSnapshot{"u", {0, "old"}}, PutSnapshot{"u", {1, "new"}},
                      PutStep{"u", {1, "s1"}}, PutStep{"u", {1, "s1 again"}}, Answers("u", 2, "2")})
                  .ok());
  auto history = storage_->History("u");
  ASSERT_TRUE(history.ok()) << history.status();
  EXPECT_EQ(history->snapshot->step, 1);
  EXPECT_EQ(history->snapshot->bytes, "new");
  std::vector<std::string> answers;
  for (const AnswerRecord& record : history->answers) answers.push_back(record.bytes);
  EXPECT_EQ(answers, (std::vector<std::string>{"1a", "1b", "1c", "2"}));
  ASSERT_EQ(history->steps.size(), 1u);
  EXPECT_EQ(history->steps[0].bytes, "s1 again");
}

TEST_F(SqliteStorageTest, Steps_GivesAPage) {
  ASSERT_TRUE(Commit({Study("u")}).ok());
  for (int64_t step : {2, 0, 1, 3}) ASSERT_TRUE(Commit({PutStep{"u", {step, "s"}}}).ok());
  auto steps = storage_->Steps("u", 1, 2);
  ASSERT_TRUE(steps.ok()) << steps.status();
  ASSERT_EQ(steps->size(), 2u);
  EXPECT_EQ(steps->at(0).step, 1);
  EXPECT_EQ(steps->at(1).step, 2);
  EXPECT_TRUE(storage_->Steps("u", 4, 2)->empty());
  EXPECT_TRUE(storage_->Steps("u", 0, -1)->empty());
}

TEST_F(SqliteStorageTest, UnknownStudy_IsNotFound) {
  EXPECT_TRUE(absl::IsNotFound(storage_->History("u").status()));
  EXPECT_TRUE(absl::IsNotFound(storage_->Steps("u", 0, 1).status()));
  for (Mutation mutation : std::vector<Mutation>{EraseStudy{"u"}, Answers("u", 0, "x"),
                                                 PutStep{"u", {}}, PutSnapshot{"u", {}}}) {
    EXPECT_TRUE(absl::IsNotFound(Commit({mutation}))) << mutation.index();
  }
}

TEST_F(SqliteStorageTest, BadUnit_FailsAloneAndWhole) {
  ASSERT_TRUE(Commit({Study("u")}).ok());
  std::latch done(3);
  std::vector<absl::Status> results(3);
  std::vector<std::vector<Mutation>> units = {
      {Answers("u", 0, "first")},
      {Answers("u", 0, "lost"), Study("w"), Answers("unknown", 0, "x")},
      {Answers("u", 0, "last")}};
  for (size_t i = 0; i < units.size(); ++i) {
    storage_->Commit(std::move(units[i]), [&, i](absl::Status status) {
      results[i] = std::move(status);
      done.count_down();
    });
  }
  done.wait();
  EXPECT_TRUE(results[0].ok());
  EXPECT_TRUE(absl::IsNotFound(results[1])) << results[1];
  EXPECT_TRUE(results[2].ok());
  EXPECT_EQ(storage_->Studies()->size(), 1u);
  ASSERT_EQ(storage_->History("u")->answers.size(), 2u);
  EXPECT_EQ(storage_->History("u")->answers[1].bytes, "last");
}

TEST_F(SqliteStorageTest, IdOfAnotherStudy_IsRefusedUntilThatIsErased) {
  ASSERT_TRUE(Commit({Study("u")}).ok());
  PutStudy same_id{{.uid = "v", .id = "id-u", .bytes = "spec"}};
  absl::Status taken = Commit({same_id});
  EXPECT_TRUE(absl::IsAlreadyExists(taken)) << taken;
  EXPECT_THAT(std::string(taken.message()), HasSubstr("id-u"));
  EXPECT_TRUE(Commit({EraseStudy{"u"}, same_id}).ok());
  EXPECT_EQ(storage_->Studies()->at(0).uid, "v");
}

TEST_F(SqliteStorageTest, EraseStudy_RemovesAllItsRecordsInTime) {
  ASSERT_TRUE(Commit({Study("u"), Study("v"), Answers("v", 0, "kept")}).ok());
  for (int i = 0; i < 600; ++i) {
    storage_->Commit({Answers("u", i, "x"), PutStep{"u", {i, "s"}}, PutSnapshot{"u", {i, "t"}}},
                     [](absl::Status status) { EXPECT_TRUE(status.ok()) << status; });
  }
  ASSERT_TRUE(Commit({EraseStudy{"u"}}).ok());
  EXPECT_TRUE(absl::IsNotFound(storage_->History("u").status()));
  // The rest goes in pieces between groups: every barrier lets at least one piece go.
  for (int i = 0; i < 10 && Records() > 2; ++i) ASSERT_TRUE(Commit({}).ok());
  EXPECT_EQ(Records(), 2);
  EXPECT_EQ(storage_->History("v")->answers.size(), 1u);
}

TEST_F(SqliteStorageTest, EraseThenReopenAtOnce_PurgeGoesOn) {
  ASSERT_TRUE(Commit({Study("u")}).ok());
  for (int i = 0; i < 2000; ++i) storage_->Commit({Answers("u", i, "x")}, [](absl::Status) {});
  ASSERT_TRUE(Commit({EraseStudy{"u"}}).ok());
  Open();
  for (int i = 0; i < 20 && Records() > 0; ++i) ASSERT_TRUE(Commit({}).ok());
  EXPECT_EQ(Records(), 0);
}

TEST_F(SqliteStorageTest, Callbacks_ComeInTheOrderOfTheCalls) {
  ASSERT_TRUE(Commit({Study("u")}).ok());
  std::vector<int> order;  // touched by the writer's thread, read after the last callback
  for (int i = 0; i < 1000; ++i) {
    std::vector<Mutation> unit;
    if (i % 3 != 0) unit.push_back(Answers(i % 5 == 0 ? "unknown" : "u", 0, std::to_string(i)));
    storage_->Commit(std::move(unit), [&order, i](absl::Status) { order.push_back(i); });
  }
  ASSERT_TRUE(Commit({}).ok());
  ASSERT_EQ(order.size(), 1000u);
  for (int i = 0; i < 1000; ++i) ASSERT_EQ(order[i], i);
}

TEST_F(SqliteStorageTest, ReadInsideCallback_SeesTheUnit) {
  ASSERT_TRUE(Commit({Study("u")}).ok());
  size_t seen = 0;
  storage_->Commit({Answers("u", 0, "x")},
                   [&](absl::Status) { seen = storage_->History("u")->answers.size(); });
  ASSERT_TRUE(Commit({}).ok());
  EXPECT_EQ(seen, 1u);
}

TEST_F(SqliteStorageTest, Destruction_CommitsWhatIsQueued) {
  ASSERT_TRUE(Commit({Study("u")}).ok());
  int acknowledged = 0;
  for (int i = 0; i < 100; ++i) {
    storage_->Commit({Answers("u", 0, "x")},
                     [&](absl::Status status) { acknowledged += status.ok() ? 1 : 0; });
  }
  Open();
  EXPECT_EQ(acknowledged, 100);
  EXPECT_EQ(storage_->History("u")->answers.size(), 100u);
}

// Holds the writer in a callback, so that what follows stays in the queue.
class HeldWriter {
 public:
  explicit HeldWriter(Storage& storage) {
    storage.Commit({}, [this](absl::Status) {
      entered_.count_down();
      release_.wait();
    });
    entered_.wait();
  }
  void Release() { release_.count_down(); }

 private:
  std::latch entered_{1}, release_{1};
};

TEST_F(SqliteStorageTest, QueueFullOfUnits_RefusesTheNextAtOnce) {
  Open({.max_queued_units = 3});
  HeldWriter held(*storage_);
  std::atomic<int> accepted = 0;
  for (int i = 0; i < 3; ++i) {
    storage_->Commit({}, [&](absl::Status status) { accepted += status.ok() ? 1 : 0; });
  }
  absl::Status refused = Commit({});
  EXPECT_TRUE(absl::IsResourceExhausted(refused)) << refused;
  EXPECT_THAT(std::string(refused.message()), HasSubstr("3"));
  held.Release();
  storage_.reset();
  EXPECT_EQ(accepted, 3);
}

TEST_F(SqliteStorageTest, QueueFullOfBytes_RefusesTheNextAtOnce) {
  Open({.max_queued_bytes = 100'000});
  ASSERT_TRUE(Commit({Study("u")}).ok());
  EXPECT_TRUE(absl::IsResourceExhausted(Commit({Answers("u", 0, std::string(100'000, 'x'))})));
  HeldWriter held(*storage_);
  storage_->Commit({Answers("u", 0, std::string(60'000, 'x'))}, [](absl::Status) {});
  EXPECT_TRUE(absl::IsResourceExhausted(Commit({Answers("u", 0, std::string(60'000, 'x'))})));
  held.Release();
  EXPECT_TRUE(Commit({}).ok());
  EXPECT_TRUE(Commit({Answers("u", 0, std::string(60'000, 'x'))}).ok());
}

TEST_F(SqliteStorageTest, ManyThreads_EveryUnitOnceAndEachThreadsInOrder) {
  ASSERT_TRUE(Commit({Study("u")}).ok());
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 50; ++i) {
        EXPECT_TRUE(Commit({Answers("u", t, std::to_string(i))}).ok());
        EXPECT_GT(storage_->History("u")->answers.size(), 0u);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  auto history = storage_->History("u");
  ASSERT_EQ(history->answers.size(), 200u);
  for (int i = 0; i < 200; ++i) EXPECT_EQ(history->answers[i].bytes, std::to_string(i % 50));
}

TEST_F(SqliteStorageTest, Flush_NobodyElseWrites_AcknowledgesInsideTheCall) {
  ASSERT_TRUE(Commit({Study("u")}).ok());
  std::vector<std::thread::id> acknowledged;
  // The writer's thread may still be busy with its upkeep: then it writes, which is as good.
  for (int i = 0; i < 1000 && acknowledged.size() < 2; ++i) {
    std::latch done(1);
    std::thread::id by;
    storage_->Enqueue({Answers("u", 0, "x")}, [&](absl::Status status) {
      EXPECT_TRUE(status.ok()) << status;
      by = std::this_thread::get_id();
      done.count_down();
    });
    storage_->Flush();
    done.wait();
    if (by == std::this_thread::get_id()) acknowledged.push_back(by);
  }
  EXPECT_EQ(acknowledged.size(), 2u);
}

TEST_F(SqliteStorageTest, ManyThreadsFlush_EveryUnitOnceAndEachThreadsInOrder) {
  ASSERT_TRUE(Commit({Study("u")}).ok());
  constexpr int kThreads = 4, kUnits = 100;
  std::vector<std::vector<int>> acknowledged(kThreads);
  std::latch all(kThreads * kUnits);
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < kUnits; ++i) {
        auto done = [&, t, i](absl::Status status) {
          EXPECT_TRUE(status.ok()) << status;
          acknowledged[t].push_back(i);  // callbacks of one store never run at the same time
          all.count_down();
        };
        if (i % 3 == 0) {
          storage_->Commit({Answers("u", t, std::to_string(i))}, done);
        } else {
          storage_->Enqueue({Answers("u", t, std::to_string(i))}, done);
          storage_->Flush();
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  all.wait();
  for (const std::vector<int>& order : acknowledged) {
    ASSERT_EQ(order.size(), kUnits);
    for (int i = 0; i < kUnits; ++i) ASSERT_EQ(order[i], i);
  }
  EXPECT_EQ(storage_->History("u")->answers.size(), kThreads * kUnits);
}

TEST_F(SqliteStorageTest, Enqueue_NeverFlushed_IsCommittedAtTheEnd) {
  ASSERT_TRUE(Commit({Study("u")}).ok());
  storage_->Enqueue({Answers("u", 0, "x")}, [](absl::Status) {});
  Open();
  EXPECT_EQ(storage_->History("u")->answers.size(), 1u);
}

TEST_F(SqliteStorageTest, ManyBytes_TheLogStaysBounded) {
  Open({.checkpoint_pages = 64});
  ASSERT_TRUE(Commit({Study("u")}).ok());
  for (int i = 0; i < 200; ++i) {
    ASSERT_TRUE(Commit({Answers("u", i, std::string(40'000, 'x'))}).ok());  // 8 MB in all
  }
  EXPECT_LT(std::filesystem::file_size(folder_.path() + "/polystep.db-wal"), 1'000'000u);
}

}  // namespace
}  // namespace polystep
