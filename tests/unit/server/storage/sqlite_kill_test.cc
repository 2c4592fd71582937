// A process that commits in a loop is killed, again and again on the same folder.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <random>

#include "server/storage/sqlite_storage.h"
#include "tests/temp_folder.h"
#include "tests/unit/server/storage/store_words.h"

namespace polystep {
namespace {

// Each unit is an answer and a step with the same number. Writes a byte to `pipe` for each
// acknowledgement, without end.
[[noreturn]] void CommitForever(const std::string& folder, int64_t first, int pipe) {
  SqliteWriter::Options writer;
  writer.checkpoint_pages = 20;  // so that many kills fall into a checkpoint
  auto storage = SqliteStorage::Open({.path = folder, .writer = std::move(writer)});
  if (!storage.ok()) ::_exit(1);
  for (int64_t i = first;; ++i) {
    (*storage)->Commit({Answers("u", i, std::string(1'000, 'x')), PutStep{"u", {i, "s"}}},
                       [pipe](absl::Status status) {
                         if (!status.ok() || ::write(pipe, "a", 1) != 1) ::_exit(1);
                       });
    if (i % 4 == 3) {
      if (!CommitNow(**storage, {}).ok()) ::_exit(1);
    }
  }
}

// Reads `count` bytes, or to the end if it is negative; returns how many there were.
int64_t ReadBytes(int pipe, int64_t count) {
  int64_t seen = 0;
  char byte;
  while (seen != count && ::read(pipe, &byte, 1) == 1) ++seen;
  return seen;
}

// Returns how many units the killed process saw acknowledged.
int64_t CommitUntilKilled(const std::string& folder, int64_t first, int64_t kill_after) {
  int pipe[2];
  EXPECT_EQ(::pipe(pipe), 0);
  pid_t child = ::fork();
  if (child == 0) {
    ::close(pipe[0]);
    CommitForever(folder, first, pipe[1]);
  }
  ::close(pipe[1]);
  int64_t acknowledged = ReadBytes(pipe[0], kill_after);
  EXPECT_EQ(acknowledged, kill_after);
  ::kill(child, SIGKILL);
  acknowledged += ReadBytes(pipe[0], -1);
  ::close(pipe[0]);
  int status = 0;
  EXPECT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFSIGNALED(status)) << status;
  return acknowledged;
}

TEST(SqliteKillTest, KilledAgainAndAgain_NothingAcknowledgedIsMissing) {
  constexpr uint32_t kSeed = 20240611;
  RecordProperty("seed", std::to_string(kSeed));
  std::mt19937 random(kSeed);
  TempFolder folder;
  ASSERT_TRUE(CommitNow(**SqliteStorage::Open({.path = folder.path()}), {Study("u")}).ok());
  int64_t present = 0;
  for (int round = 0; round < 12; ++round) {
    int64_t acknowledged = CommitUntilKilled(folder.path(), present, random() % 60);
    auto storage = SqliteStorage::Open({.path = folder.path()});
    ASSERT_TRUE(storage.ok()) << storage.status();
    auto history = (*storage)->History("u");
    ASSERT_TRUE(history.ok()) << history.status();
    auto answers = static_cast<int64_t>(history->answers.size());
    EXPECT_GE(answers, present + acknowledged);
    ASSERT_EQ(history->steps.size(), history->answers.size());  // units are whole
    for (int64_t i = 0; i < answers; ++i) ASSERT_EQ(history->answers[i].step, i);
    present = answers;
  }
}

}  // namespace
}  // namespace polystep
