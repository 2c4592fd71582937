// What a process has used of the machine, from /proc.
#ifndef POLYSTEP_TESTS_BENCH_PROCESS_USE_H_
#define POLYSTEP_TESTS_BENCH_PROCESS_USE_H_

#include <sys/types.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"

namespace polystep::bench {

inline absl::Duration ProcessorTime(pid_t pid) {
  std::ifstream stat(absl::StrCat("/proc/", pid, "/stat"));
  std::string word;
  int64_t ticks = 0;
  // The name, the second word, has no space; user and system time are words 14 and 15.
  for (int place = 1; stat >> word; ++place) {
    if (place == 14 || place == 15) ticks += std::atoll(word.c_str());
  }
  return absl::Seconds(1) * ticks / ::sysconf(_SC_CLK_TCK);
}

inline uint64_t ResidentBytes(pid_t pid) {
  std::ifstream memory(absl::StrCat("/proc/", pid, "/statm"));
  uint64_t total = 0, resident = 0;
  memory >> total >> resident;
  return resident * static_cast<uint64_t>(::sysconf(_SC_PAGESIZE));
}

}  // namespace polystep::bench

#endif  // POLYSTEP_TESTS_BENCH_PROCESS_USE_H_
