// How fast units become durable through SqliteStorage, with 1, 8 and 64 outstanding, next to raw
// append + fdatasync in the same folder and the same run: the ratio is what to compare, since the
// absolute figures are the disk's and the machine's. Prints one line a measurement.
//
//   storage_bench [FOLDER [SECONDS [BYTES]]]   seconds a measurement, bytes an answer
#include <fcntl.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>

#include "server/base/check.h"
#include "server/base/clock.h"
#include "server/base/mutex.h"
#include "server/storage/sqlite_storage.h"
#include "tests/bench/idle_share.h"

namespace polystep {
namespace {

using bench::IdleShare;

struct Load {
  std::string folder;
  double seconds = 2.0;
  size_t bytes = 600;  // 64 losses and a little
};

double Now() { return absl::ToDoubleSeconds(SystemClock().Monotonic()); }

void Print(const std::string& name, const Load& load, int64_t commits, double seconds,
           double idle) {
  double rate = static_cast<double>(commits) / seconds;
  std::printf("%-24s %10.0f units/s %9.2f MB/s   idle %3.0f %%\n", name.c_str(), rate,
              rate * static_cast<double>(load.bytes) / 1e6, idle);
}

void AppendRaw(const Load& load) {
  std::string path = load.folder + "/raw";
  int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  Check(file >= 0, "cannot make the raw file");
  std::string record(load.bytes, 'x');
  IdleShare idle;
  double start = Now();
  int64_t commits = 0;
  for (; Now() - start < load.seconds; ++commits) {
    Check(::write(file, record.data(), record.size()) == static_cast<ssize_t>(record.size()) &&
              ::fdatasync(file) == 0,
          "cannot append");
  }
  Print("fdatasync", load, commits, Now() - start, idle.Percent());
  ::close(file);
  ::unlink(path.c_str());
}

// Keeps a number of units outstanding: every acknowledgement posts the next one.
class Loader {
 public:
  Loader(Storage& storage, const Load& load) : storage_(storage), load_(load) {}

  // Returns the units acknowledged.
  int64_t Run(int outstanding) {
    end_ = Now() + load_.seconds;
    {
      MutexLock lock(mutex_);
      outstanding_ = outstanding;
    }
    for (int i = 0; i < outstanding; ++i) CommitOne();
    MutexLock lock(mutex_);
    while (outstanding_ > 0) changed_.Wait(mutex_);
    return commits_;
  }

 private:
  void CommitOne() {
    storage_.Commit({AppendAnswers{"u", {0, std::string(load_.bytes, 'x')}}},
                    [this](absl::Status status) {
                      Check(status.ok(), "a commit failed");
                      bool again = Now() < end_;
                      if (again) CommitOne();
                      MutexLock lock(mutex_);
                      ++commits_;
                      if (!again && --outstanding_ == 0) changed_.NotifyAll();
                    });
  }

  Storage& storage_;
  const Load& load_;
  double end_ = 0;
  Mutex mutex_;
  ConditionVariable changed_;
  int64_t commits_ ABSL_GUARDED_BY(mutex_) = 0;
  int outstanding_ ABSL_GUARDED_BY(mutex_) = 0;
};

void Measure(const Load& load) {
  AppendRaw(load);
  auto storage = SqliteStorage::Open({.path = load.folder + "/store"});
  Check(storage.ok(), "cannot open the store");
  (*storage)->Commit({PutStudy{{"u", "id", "spec"}}}, [](absl::Status) {});
  for (int outstanding : {1, 8, 64, 1024}) {
    Loader loader(**storage, load);
    IdleShare idle;
    double start = Now();
    int64_t commits = loader.Run(outstanding);
    Print("store, " + std::to_string(outstanding) + " outstanding", load, commits, Now() - start,
          idle.Percent());
  }
  AppendRaw(load);
}

int Main(int argc, char** argv) {
  Load load;
  load.folder = std::string(argc > 1 ? argv[1] : "build") + "/storage-bench-XXXXXX";
  if (argc > 2) load.seconds = std::atof(argv[2]);
  if (argc > 3) load.bytes = static_cast<size_t>(std::atoll(argv[3]));
  Check(::mkdtemp(load.folder.data()) != nullptr, "cannot make a folder in FOLDER");
  Measure(load);
  std::filesystem::remove_all(load.folder);
  return 0;
}

}  // namespace
}  // namespace polystep

int main(int argc, char** argv) { return polystep::Main(argc, argv); }
