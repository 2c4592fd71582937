// Vectors of the compiler's, for kernels that must stay in registers from end to end: + - * / are
// those of each entry, so a kernel gives the same bits in every width, one double among them.
//
// What takes or returns them must be inlined (POLYSTEP_INLINE) into a function for one processor
// (wide.h). Comparisons are not for vectors: compilers take them apart before they are inlined.
#ifndef POLYSTEP_CORE_BASE_VECTORS_H_
#define POLYSTEP_CORE_BASE_VECTORS_H_

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "core/base/wide.h"

#if defined(__GNUC__)
// They are passed inside inlined functions only.
#pragma GCC diagnostic ignored "-Wpsabi"
#endif

namespace polystep {

using Doubles2 = double __attribute__((vector_size(16)));
using Doubles4 = double __attribute__((vector_size(32)));
using Doubles8 = double __attribute__((vector_size(64)));

// Of a type of doubles: unsigned integers of their size.
template <typename V>
struct VectorTypes;
template <>
struct VectorTypes<double> {
  using Integers = uint64_t;
};
template <>
struct VectorTypes<Doubles2> {
  using Integers = uint64_t __attribute__((vector_size(16)));
};
template <>
struct VectorTypes<Doubles4> {
  using Integers = uint64_t __attribute__((vector_size(32)));
};
template <>
struct VectorTypes<Doubles8> {
  using Integers = uint64_t __attribute__((vector_size(64)));
};

template <typename V>
POLYSTEP_INLINE V LoadVector(const double* from) {
  V vector;
  std::memcpy(&vector, from, sizeof(V));
  return vector;
}

template <typename V>
POLYSTEP_INLINE void StoreVector(const V& vector, double* to) {
  std::memcpy(to, &vector, sizeof(V));
}

// Four vectors that go through the same operations in turn, where those of one wait for each other.
template <typename V>
struct Four {
  V a, b, c, d;
};

template <typename V>
POLYSTEP_INLINE Four<V> operator+(const Four<V>& x, const Four<V>& y) {
  return {x.a + y.a, x.b + y.b, x.c + y.c, x.d + y.d};
}
template <typename V>
POLYSTEP_INLINE Four<V> operator-(const Four<V>& x, const Four<V>& y) {
  return {x.a - y.a, x.b - y.b, x.c - y.c, x.d - y.d};
}
template <typename V>
POLYSTEP_INLINE Four<V> operator*(const Four<V>& x, const Four<V>& y) {
  return {x.a * y.a, x.b * y.b, x.c * y.c, x.d * y.d};
}
template <typename V>
POLYSTEP_INLINE Four<V> operator+(const Four<V>& x, double y) {
  return {x.a + y, x.b + y, x.c + y, x.d + y};
}
template <typename V>
POLYSTEP_INLINE Four<V> operator-(const Four<V>& x, double y) {
  return {x.a - y, x.b - y, x.c - y, x.d - y};
}
template <typename V>
POLYSTEP_INLINE Four<V> operator-(double x, const Four<V>& y) {
  return {x - y.a, x - y.b, x - y.c, x - y.d};
}
template <typename V>
POLYSTEP_INLINE Four<V> operator*(const Four<V>& x, double y) {
  return {x.a * y, x.b * y, x.c * y, x.d * y};
}

// Of neighbouring numbers.
template <typename V>
POLYSTEP_INLINE Four<V> LoadFour(const double* from) {
  constexpr size_t kEntries = sizeof(V) / sizeof(double);
  return {LoadVector<V>(from), LoadVector<V>(from + kEntries), LoadVector<V>(from + 2 * kEntries),
          LoadVector<V>(from + 3 * kEntries)};
}

template <typename V>
POLYSTEP_INLINE void StoreFour(const Four<V>& four, double* to) {
  constexpr size_t kEntries = sizeof(V) / sizeof(double);
  StoreVector(four.a, to);
  StoreVector(four.b, to + kEntries);
  StoreVector(four.c, to + 2 * kEntries);
  StoreVector(four.d, to + 3 * kEntries);
}

}  // namespace polystep

#endif  // POLYSTEP_CORE_BASE_VECTORS_H_
