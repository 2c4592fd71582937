// SQLite's own file system, which can be told to fail: a full disk, a failed fsync.
//
// One for the process, under the name FaultyVfs::kName. Thread-safe.
#ifndef POLYSTEP_TESTS_UNIT_SERVER_STORAGE_FAULTY_VFS_H_
#define POLYSTEP_TESTS_UNIT_SERVER_STORAGE_FAULTY_VFS_H_

#include <sqlite3.h>

namespace polystep {

class FaultyVfs {
 public:
  static constexpr char kName[] = "polystep-faulty";

  // Registers it, or makes it flawless again and sets the counts to zero.
  static void Reset();
  // From the `after`-th next call on, every write (truncations included) or sync gives `code`.
  static void FailWrites(int code, int after = 0);
  static void FailSyncs(int code, int after = 0);

  static int writes();  // that reached the disk since Reset
  static int syncs();
};

}  // namespace polystep

#endif  // POLYSTEP_TESTS_UNIT_SERVER_STORAGE_FAULTY_VFS_H_
