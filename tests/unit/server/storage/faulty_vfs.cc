#include "tests/unit/server/storage/faulty_vfs.h"

#include <atomic>
#include <list>

#include "server/base/mutex.h"

namespace polystep {
namespace {

struct Fault {
  std::atomic<int> code = SQLITE_OK;
  std::atomic<int> calls_left = 0;
  std::atomic<int> calls = 0;

  void Reset() {
    code = SQLITE_OK;
    calls = 0;
  }
  void Arm(int error, int after) {
    calls_left = after;
    code = error;
  }
  // The error to give, or SQLITE_OK to go on.
  int Next() {
    if (code != SQLITE_OK && calls_left.fetch_sub(1) <= 0) return code;
    ++calls;
    return SQLITE_OK;
  }
};

Fault write_fault, sync_fault;
sqlite3_vfs* real_vfs = nullptr;
sqlite3_vfs faulty_vfs;
const sqlite3_io_methods* real_methods = nullptr;  // of the first file; the three are alike in all

// A copy of each table of methods the VFS gives its files, with three of them replaced.
struct Replacement {
  const sqlite3_io_methods* real;
  sqlite3_io_methods faulty;
};
Mutex replacements_mutex;
std::list<Replacement> replacements ABSL_GUARDED_BY(replacements_mutex);

int Write(sqlite3_file* file, const void* bytes, int size, sqlite3_int64 offset) {
  int fault = write_fault.Next();
  return fault != SQLITE_OK ? fault : real_methods->xWrite(file, bytes, size, offset);
}

int Truncate(sqlite3_file* file, sqlite3_int64 size) {
  int fault = write_fault.Next();
  return fault != SQLITE_OK ? fault : real_methods->xTruncate(file, size);
}

int Sync(sqlite3_file* file, int flags) {
  int fault = sync_fault.Next();
  return fault != SQLITE_OK ? fault : real_methods->xSync(file, flags);
}

const sqlite3_io_methods* Replace(const sqlite3_io_methods* real) {
  MutexLock lock(replacements_mutex);
  for (const Replacement& known : replacements) {
    if (known.real == real || &known.faulty == real) return &known.faulty;
  }
  if (real_methods == nullptr) real_methods = real;
  sqlite3_io_methods& faulty = replacements.emplace_back(Replacement{real, *real}).faulty;
  faulty.xWrite = Write;
  faulty.xTruncate = Truncate;
  faulty.xSync = Sync;
  return &faulty;
}

int Open(sqlite3_vfs*, const char* name, sqlite3_file* file, int flags, int* out_flags) {
  int code = real_vfs->xOpen(real_vfs, name, file, flags, out_flags);
  if (code == SQLITE_OK) file->pMethods = Replace(file->pMethods);
  return code;
}

}  // namespace

void FaultyVfs::Reset() {
  if (real_vfs == nullptr) {
    real_vfs = sqlite3_vfs_find(nullptr);
    faulty_vfs = *real_vfs;
    faulty_vfs.pNext = nullptr;
    faulty_vfs.zName = kName;
    faulty_vfs.xOpen = Open;
    sqlite3_vfs_register(&faulty_vfs, 0);
  }
  write_fault.Reset();
  sync_fault.Reset();
}

void FaultyVfs::FailWrites(int code, int after) { write_fault.Arm(code, after); }
void FaultyVfs::FailSyncs(int code, int after) { sync_fault.Arm(code, after); }
int FaultyVfs::writes() { return write_fault.calls; }
int FaultyVfs::syncs() { return sync_fault.calls; }

}  // namespace polystep
