// A loop over independent pieces of work, in a few threads that live as long as it.
#ifndef POLYSTEP_CLIENT_EXAMPLES_NETS_FOR_EACH_H_
#define POLYSTEP_CLIENT_EXAMPLES_NETS_FOR_EACH_H_

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <thread>
#include <vector>

namespace polystep::nets {

// Calls work(n) once for every n < count, from at most `threads` threads, this one included.
template <typename Work>
void ForEach(size_t count, int threads, const Work& work) {
  std::atomic<size_t> next = 0;
  const auto run = [&] {
    for (size_t n = next++; n < count; n = next++) work(n);
  };
  std::vector<std::jthread> others;
  const int used = static_cast<int>(std::min(count, static_cast<size_t>(std::max(1, threads))));
  for (int n = 1; n < used; ++n) others.emplace_back(run);
  run();
}

}  // namespace polystep::nets

#endif  // POLYSTEP_CLIENT_EXAMPLES_NETS_FOR_EACH_H_
