// The limit of the disk: SQLite inserting blobs of so many bytes, one transaction each, with the
// settings of polystepd's store.
#ifndef POLYSTEP_TESTS_BENCH_THROUGHPUT_RAW_COMMITS_H_
#define POLYSTEP_TESTS_BENCH_THROUGHPUT_RAW_COMMITS_H_

#include <cstdint>
#include <string>

#include "absl/time/time.h"
#include "tests/bench/throughput/callers.h"

namespace polystep::bench {

// `losses` is what such a blob stands for. The file is made in `folder` and removed.
Traffic RunRawCommits(const std::string& folder, uint64_t bytes, uint32_t losses,
                      absl::Duration duration);

}  // namespace polystep::bench

#endif  // POLYSTEP_TESTS_BENCH_THROUGHPUT_RAW_COMMITS_H_
