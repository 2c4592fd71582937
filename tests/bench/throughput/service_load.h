// Workers without a simulator: callers of a real polystepd, in a process of its own, that answer
// each lease at once and ask for the next in the same call.
#ifndef POLYSTEP_TESTS_BENCH_THROUGHPUT_SERVICE_LOAD_H_
#define POLYSTEP_TESTS_BENCH_THROUGHPUT_SERVICE_LOAD_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "polystep/v1/evaluation_service.pb.h"
#include "tests/bench/throughput/callers.h"
#include "tests/e2e/crash/server_process.h"

namespace polystep::bench {

// What is measured: candidates of so many coordinates, so many a lease, so many callers.
struct Cell {
  v1::AskRequest::Encoding encoding = v1::AskRequest::NAMED;
  uint32_t dimension = 10;
  uint32_t batch = 1;
  int callers = 1;
};

// A server with one study that a cell's callers work on.
class ServiceLoad {
 public:
  // The data goes below `folder`.
  ServiceLoad(const std::string& folder, const Cell& cell);
  ~ServiceLoad();

  // Continues where the last run ended.
  Traffic Run(absl::Duration duration);
  // The server's processor time so far.
  absl::Duration ProcessorTime() const;

 private:
  struct Connection;
  CallResult CallOnce(Connection& connection);

  Cell cell_;
  std::unique_ptr<ServerProcess> server_;
  std::vector<std::unique_ptr<Connection>> connections_;
};

}  // namespace polystep::bench

#endif  // POLYSTEP_TESTS_BENCH_THROUGHPUT_SERVICE_LOAD_H_
