// Arrays that begin on a cache line, so that a vector never crosses two.
#ifndef POLYSTEP_CLIENT_EXAMPLES_NETS_ALIGNED_H_
#define POLYSTEP_CLIENT_EXAMPLES_NETS_ALIGNED_H_

#include <cstddef>
#include <new>
#include <vector>

namespace polystep::nets {

inline constexpr size_t kLineBytes = 64;

template <typename T>
struct LineAllocator {
  using value_type = T;
  LineAllocator() = default;
  template <typename U>
  LineAllocator(const LineAllocator<U>&) {}  // NOLINT(google-explicit-constructor): rebinds
  T* allocate(size_t count) {
    return static_cast<T*>(::operator new (count * sizeof(T), std::align_val_t{kLineBytes}));
  }
  void deallocate(T* at, size_t) { ::operator delete (at, std::align_val_t{kLineBytes}); }
  template <typename U>
  bool operator==(const LineAllocator<U>&) const {
    return true;
  }
};

template <typename T>
using Aligned = std::vector<T, LineAllocator<T>>;

}  // namespace polystep::nets

#endif  // POLYSTEP_CLIENT_EXAMPLES_NETS_ALIGNED_H_
