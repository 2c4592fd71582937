// A real full disk under a real server: it stops, says why, and goes on where it was once there is
// room. Needs the right to mount a tmpfs; skipped without it.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/mount.h>
#include <unistd.h>

#include <filesystem>

#include "tests/e2e/crash/reference_study.h"
#include "tests/e2e/crash/study_run.h"

namespace polystep {
namespace {

using ::testing::HasSubstr;

// A small file system of its own.
class SmallDisk {
 public:
  SmallDisk() { mounted_ = ::mount("tmpfs", path().c_str(), "tmpfs", 0, "size=16m") == 0; }
  ~SmallDisk() {
    if (mounted_) ::umount2(path().c_str(), MNT_DETACH);
  }

  bool mounted() const { return mounted_; }
  const std::string& path() const { return folder_.path(); }

  // Leaves `bytes` of room.
  void Fill(off_t bytes) {
    int file = ::open(ballast().c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    ASSERT_GE(file, 0);
    auto free = static_cast<off_t>(std::filesystem::space(path()).available);
    EXPECT_EQ(::posix_fallocate(file, 0, free - bytes), 0);
    ::close(file);
  }
  void MakeRoom() { std::filesystem::remove(ballast()); }

 private:
  std::string ballast() const { return path() + "/ballast"; }

  TempFolder folder_;
  bool mounted_ = false;
};

TEST(DiskFullTest, ServerStops_AndGoesOnWhenThereIsRoom) {
  SmallDisk disk;
  if (!disk.mounted()) GTEST_SKIP() << "no right to mount a tmpfs";
  StudyRun::Options options;
  options.spec = ReferenceStudy();
  options.simulator = ReferenceLoss;
  options.workers = 4;
  options.unruly = true;
  options.data = disk.path() + "/data";
  StudyRun run(options);
  ASSERT_NO_FATAL_FAILURE(run.Begin());
  EXPECT_TRUE(run.log().WaitFor(10, 0));
  disk.Fill(64 << 10);
  EXPECT_EQ(run.server().Stop(0), 1);  // by itself
  EXPECT_THAT(run.server_log(), HasSubstr("disk is full"));
  EXPECT_THAT(run.server_log(), HasSubstr(options.data));
  disk.MakeRoom();
  run.Restart();
  if (!HasFatalFailure()) run.TellAllAgain();
  if (HasFatalFailure()) return run.GiveUp();
  run.LetIn();
  v1::Study study = run.Finish();
  EXPECT_EQ(study.state(), v1::Study::SUCCEEDED) << study.state_reason();
  EXPECT_EQ(study.step(), kReferenceSteps);
}

TEST(DiskFullTest, NoRoomForAStore_ServerDoesNotStart) {
  SmallDisk disk;
  if (!disk.mounted()) GTEST_SKIP() << "no right to mount a tmpfs";
  disk.Fill(8 << 10);
  TempFolder folder;
  ServerProcess::Options options;
  options.data = disk.path() + "/data";
  options.log = folder.path() + "/log";
  auto started = ServerProcess::Start(options);
  EXPECT_TRUE(absl::IsUnavailable(started.status())) << started.status();
  EXPECT_THAT(std::string(started.status().message()), HasSubstr(options.data));
}

}  // namespace
}  // namespace polystep
