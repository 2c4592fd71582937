// The limit of the wire: a gRPC server, in a process of its own, that parses nothing. A call sends
// so many bytes and gets as many back as it asks for; the server has the shape of polystepd's
// (callback API, bytes), so that what is left of a comparison is what polystepd does.
#ifndef POLYSTEP_TESTS_BENCH_THROUGHPUT_RAW_ECHO_H_
#define POLYSTEP_TESTS_BENCH_THROUGHPUT_RAW_ECHO_H_

#include <cstdint>
#include <string>

#include "absl/time/time.h"
#include "tests/bench/throughput/callers.h"

namespace polystep::bench {

class RawEcho {
 public:
  RawEcho();   // starts the process
  ~RawEcho();  // ends it
  RawEcho(const RawEcho&) = delete;
  RawEcho& operator=(const RawEcho&) = delete;

  struct Call {
    uint64_t bytes_out = 0;
    uint64_t bytes_in = 0;
    uint32_t losses = 0;  // that such a call stands for
  };
  Traffic Run(const Call& call, int callers, absl::Duration duration) const;

 private:
  int pid_ = 0;
  int output_ = -1;  // reading end of its standard output
  std::string address_;
};

}  // namespace polystep::bench

#endif  // POLYSTEP_TESTS_BENCH_THROUGHPUT_RAW_ECHO_H_
