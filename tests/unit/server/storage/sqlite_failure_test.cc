#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>
#include <latch>

#include "absl/strings/str_cat.h"
#include "server/storage/sqlite_storage.h"
#include "tests/temp_folder.h"
#include "tests/unit/server/storage/faulty_vfs.h"
#include "tests/unit/server/storage/store_words.h"

namespace polystep {
namespace {

using ::testing::HasSubstr;

class SqliteFailureTest : public testing::Test {
 protected:
  void SetUp() override { FaultyVfs::Reset(); }
  void TearDown() override {
    storage_.reset();
    FaultyVfs::Reset();
  }

  absl::Status Open(int checkpoint_pages = 4096) {
    storage_.reset();
    SqliteWriter::Options writer;
    writer.checkpoint_pages = checkpoint_pages;
    writer.on_failure = [this](absl::Status status) { failures_.push_back(std::move(status)); };
    auto opened = SqliteStorage::Open(
        {.path = folder_.path(), .writer = std::move(writer), .vfs = FaultyVfs::kName});
    if (opened.ok()) storage_ = *std::move(opened);
    return opened.status();
  }
  absl::Status Commit(std::vector<Mutation> mutations) {
    return CommitNow(*storage_, std::move(mutations));
  }
  std::string database() const { return folder_.path() + "/polystep.db"; }

  void ExpectStoppedStore(const std::string& reason);

  TempFolder folder_;
  std::unique_ptr<SqliteStorage> storage_;
  std::vector<absl::Status> failures_;
};

// Commits to a store that has just been made to fail with `reason`.
void SqliteFailureTest::ExpectStoppedStore(const std::string& reason) {
  absl::Status first = Commit({Answers("u", 1, "not acknowledged")});
  EXPECT_TRUE(absl::IsUnavailable(first)) << first;
  EXPECT_THAT(std::string(first.message()), HasSubstr(reason));
  EXPECT_THAT(std::string(first.message()), HasSubstr(database()));
  FaultyVfs::Reset();  // the disk is well again, but what it holds is not known
  EXPECT_EQ(Commit({Answers("u", 2, "late")}), first);
  EXPECT_EQ(Commit({}), first);
  EXPECT_EQ(failures_, std::vector<absl::Status>{first});
  EXPECT_EQ(storage_->History("u")->answers.size(), 1u);
  storage_.reset();
  EXPECT_EQ(FaultyVfs::writes(), 0);
}

TEST_F(SqliteFailureTest, Commit_SyncsBeforeItAnswers) {
  ASSERT_TRUE(Open().ok());
  ASSERT_TRUE(Commit({Study("u")}).ok());
  for (int i = 0; i < 10; ++i) {
    int syncs = FaultyVfs::syncs();
    ASSERT_TRUE(Commit({Answers("u", 0, "x")}).ok());
    EXPECT_GE(FaultyVfs::syncs(), syncs + 1);
  }
}

TEST_F(SqliteFailureTest, QueuedUnits_ShareOneSync) {
  ASSERT_TRUE(Open().ok());
  ASSERT_TRUE(Commit({Study("u")}).ok());
  std::latch entered(1), release(1);
  storage_->Commit({}, [&](absl::Status) {
    entered.count_down();
    release.wait();
  });
  entered.wait();
  int syncs = FaultyVfs::syncs();
  for (int i = 0; i < 500; ++i) storage_->Commit({Answers("u", 0, "x")}, [](absl::Status) {});
  release.count_down();
  ASSERT_TRUE(Commit({}).ok());
  EXPECT_EQ(storage_->History("u")->answers.size(), 500u);
  EXPECT_LE(FaultyVfs::syncs(), syncs + 2);  // the last barrier may be a group of its own
}

TEST_F(SqliteFailureTest, DiskFull_StopsTheStore) {
  ASSERT_TRUE(Open().ok());
  ASSERT_TRUE(Commit({Study("u"), Answers("u", 0, "kept")}).ok());
  FaultyVfs::FailWrites(SQLITE_FULL);
  ExpectStoppedStore("disk is full");
  ASSERT_TRUE(Open().ok());
  EXPECT_EQ(storage_->History("u")->answers.size(), 1u);
}

TEST_F(SqliteFailureTest, FailedSync_StopsTheStore) {
  ASSERT_TRUE(Open().ok());
  ASSERT_TRUE(Commit({Study("u"), Answers("u", 0, "kept")}).ok());
  FaultyVfs::FailSyncs(SQLITE_IOERR_FSYNC);
  ExpectStoppedStore("I/O error");
  ASSERT_TRUE(Open().ok());
  // The unit that was not acknowledged may be there: its bytes had been written.
  auto history = storage_->History("u");
  ASSERT_GE(history->answers.size(), 1u);
  EXPECT_EQ(history->answers[0].bytes, "kept");
  for (size_t i = 1; i < history->answers.size(); ++i) {
    EXPECT_EQ(history->answers[i].bytes, "not acknowledged");
  }
}

TEST_F(SqliteFailureTest, FailedCheckpoint_StopsTheStore) {
  ASSERT_TRUE(Open(/*checkpoint_pages=*/8).ok());
  ASSERT_TRUE(Commit({Study("u")}).ok());
  ASSERT_TRUE(Commit({}).ok());  // the checkpoint of the first pages is over
  ASSERT_TRUE(Commit({Answers("u", 0, "starts the log over")}).ok());
  FaultyVfs::FailSyncs(SQLITE_IOERR_FSYNC, 1);  // the commit's own sync is good
  ASSERT_TRUE(Commit({Answers("u", 0, std::string(100'000, 'x'))}).ok());
  absl::Status next = Commit({});
  EXPECT_TRUE(absl::IsUnavailable(next)) << next;
  FaultyVfs::Reset();
  ASSERT_TRUE(Open().ok());
  EXPECT_EQ(storage_->History("u")->answers.size(), 2u);
}

// Wherever the disk fills up, what was acknowledged is there and the rest fails.
TEST_F(SqliteFailureTest, DiskFullAtAnyWrite_KeepsWhatWasAcknowledged) {
  for (int after = 0; after < 60; after += 3) {
    SCOPED_TRACE(after);
    std::string uid = absl::StrCat("u", after);
    ASSERT_TRUE(Open(/*checkpoint_pages=*/16).ok());
    ASSERT_TRUE(Commit({Study(uid)}).ok());
    FaultyVfs::FailWrites(SQLITE_FULL, after);
    size_t acknowledged = 0;
    for (int i = 0; i < 40; ++i) {
      bool ok = Commit({Answers(uid, i, std::string(3'000, 'x')), PutStep{uid, {i, "s"}}}).ok();
      if (!ok) break;
      ++acknowledged;
    }
    EXPECT_LT(acknowledged, 40u);
    FaultyVfs::Reset();
    ASSERT_TRUE(Open().ok());
    auto history = storage_->History(uid);
    ASSERT_TRUE(history.ok()) << history.status();
    EXPECT_GE(history->answers.size(), acknowledged);
    EXPECT_EQ(history->answers.size(), history->steps.size());
  }
}

TEST_F(SqliteFailureTest, SecondOpen_IsRefusedNamingTheFolder) {
  ASSERT_TRUE(Open().ok());
  auto second = SqliteStorage::Open({.path = folder_.path()});
  EXPECT_TRUE(absl::IsFailedPrecondition(second.status())) << second.status();
  EXPECT_THAT(std::string(second.status().message()), HasSubstr(folder_.path()));
  EXPECT_THAT(std::string(second.status().message()), HasSubstr(std::to_string(::getpid())));
  EXPECT_TRUE(Commit({Study("u")}).ok());
  EXPECT_TRUE(Open().ok());
}

TEST_F(SqliteFailureTest, FolderThatCannotBeMade_IsRefusedNamingIt) {
  auto opened = SqliteStorage::Open({.path = "/proc/polystep-store"});
  EXPECT_TRUE(absl::IsFailedPrecondition(opened.status())) << opened.status();
  EXPECT_THAT(std::string(opened.status().message()), HasSubstr("/proc/polystep-store"));
  EXPECT_FALSE(SqliteStorage::Open({}).ok());
}

TEST_F(SqliteFailureTest, FileThatIsNoDatabase_IsDataLoss) {
  std::ofstream(database()) << std::string(8192, 'x');
  absl::Status status = Open();
  EXPECT_TRUE(absl::IsDataLoss(status)) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr(database()));
}

TEST_F(SqliteFailureTest, OtherApplicationsDatabase_IsRefusedAndUntouched) {
  std::ofstream(database()).close();
  {
    auto other = SqliteConnection::Open(database(), "");
    ASSERT_TRUE(other->Execute("CREATE TABLE t (x)").ok());
  }
  int writes = FaultyVfs::writes();
  absl::Status status = Open();
  EXPECT_TRUE(absl::IsFailedPrecondition(status)) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr("application_id"));
  EXPECT_EQ(FaultyVfs::writes(), writes);
}

TEST_F(SqliteFailureTest, LaterSchema_IsRefusedNamingBothVersions) {
  ASSERT_TRUE(Open().ok());
  storage_.reset();
  {
    auto connection = SqliteConnection::Open(database(), "");
    ASSERT_TRUE(connection->Execute("INSERT INTO schema_version VALUES (7, 0)").ok());
  }
  absl::Status status = Open();
  EXPECT_TRUE(absl::IsFailedPrecondition(status)) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr("version 7"));
  EXPECT_THAT(std::string(status.message()), HasSubstr("versions 1 to 2"));
}

// A store of some pages with the study "u", closed.
void MakeStore(const std::string& folder) {
  auto storage = SqliteStorage::Open({.path = folder});
  ASSERT_TRUE(storage.ok()) << storage.status();
  ASSERT_TRUE(CommitNow(**storage, {Study("u")}).ok());
  for (int i = 0; i < 300; ++i) {
    ASSERT_TRUE(CommitNow(**storage, {Answers("u", i, std::string(500, 'x'))}).ok());
  }
}

void Overwrite(const std::string& path, off_t offset, std::string_view bytes) {
  int file = ::open(path.c_str(), O_WRONLY);
  ASSERT_GE(file, 0);
  EXPECT_EQ(::pwrite(file, bytes.data(), bytes.size(), offset), static_cast<ssize_t>(bytes.size()));
  ::close(file);
}

TEST_F(SqliteFailureTest, PageOverwritten_IsDataLossAtOpenSayingWhere) {
  MakeStore(folder_.path());
  auto pages = static_cast<off_t>(std::filesystem::file_size(database()) / 4096);
  ASSERT_GT(pages, 20);
  Overwrite(database(), (pages / 2) * 4096, std::string(4096, '\x5a'));
  absl::Status status = Open();
  EXPECT_TRUE(absl::IsDataLoss(status)) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr(database()));
  EXPECT_THAT(std::string(status.message()), HasSubstr("Page"));
}

TEST_F(SqliteFailureTest, BitRotInsideARecord_IsDataLossWhenRead) {
  MakeStore(folder_.path());
  std::ifstream file(database(), std::ios::binary);
  std::string bytes((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  size_t record = bytes.rfind(std::string(400, 'x'));
  ASSERT_NE(record, std::string::npos);
  Overwrite(database(), static_cast<off_t>(record), "y");
  ASSERT_TRUE(Open().ok());  // the pages hang together
  auto history = storage_->History("u");
  EXPECT_TRUE(absl::IsDataLoss(history.status())) << history.status();
  EXPECT_THAT(std::string(history.status().message()), HasSubstr("answers"));
}

TEST_F(SqliteFailureTest, FileCutShort_IsDataLoss) {
  MakeStore(folder_.path());
  std::filesystem::resize_file(database(), std::filesystem::file_size(database()) / 2);
  absl::Status status = Open();
  EXPECT_TRUE(absl::IsDataLoss(status)) << status;
}

}  // namespace
}  // namespace polystep
