// How much of the machine nobody used: whether a measurement can be trusted, and what limits it.
#ifndef POLYSTEP_TESTS_BENCH_IDLE_SHARE_H_
#define POLYSTEP_TESTS_BENCH_IDLE_SHARE_H_

#include <fstream>
#include <string>

namespace polystep::bench {

class IdleShare {
 public:
  IdleShare() { Percent(); }

  // Of the processors' time since the last call.
  double Percent() {
    std::ifstream stat("/proc/stat");
    std::string label;
    stat >> label;
    double total = 0, idle = 0, value = 0;
    for (int field = 0; field < 8 && stat >> value; ++field) {
      total += value;
      if (field == 3 || field == 4) idle += value;
    }
    const double share = total > total_ ? 100 * (idle - idle_) / (total - total_) : 100;
    total_ = total;
    idle_ = idle;
    return share;
  }

 private:
  double total_ = 0, idle_ = 0;
};

}  // namespace polystep::bench

#endif  // POLYSTEP_TESTS_BENCH_IDLE_SHARE_H_
