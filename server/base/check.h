// Stops the process on a bug of ours or a machine that cannot go on; never on bad input.
#ifndef POLYSTEP_SERVER_BASE_CHECK_H_
#define POLYSTEP_SERVER_BASE_CHECK_H_

#include <cstdio>
#include <cstdlib>

namespace polystep {

inline void Check(bool condition, const char* what) {
  if (condition) return;
  std::fprintf(stderr, "polystep: fatal: %s\n", what);
  std::abort();
}

}  // namespace polystep

#endif  // POLYSTEP_SERVER_BASE_CHECK_H_
