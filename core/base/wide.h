// POLYSTEP_WIDE before the definition of a plain function compiles its loops for wider vectors as
// well; the widest that the machine has is chosen when the program starts.
//
// For elementwise loops only: a lane's operations and their order stay those of the source, and
// nothing is contracted (-ffp-contract=off), so every version gives the same bits. What such a
// function calls must be inlined (POLYSTEP_INLINE). Keep it in an unnamed namespace of a .cc. Empty
// for other processors, under sanitizers, which cannot run in the choice, and without glibc.
#ifndef POLYSTEP_CORE_BASE_WIDE_H_
#define POLYSTEP_CORE_BASE_WIDE_H_

#include <cstddef>  // defines __GLIBC__

namespace polystep {
// Rows that a kernel takes at a time, one a lane: arrays of lanes are [what][kLanes].
inline constexpr size_t kLanes = 16;
}  // namespace polystep

#define POLYSTEP_INLINE inline __attribute__((always_inline))

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define POLYSTEP_WIDE
#endif
#endif
#if !defined(POLYSTEP_WIDE) && defined(__x86_64__) && defined(__GLIBC__) && \
    !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define POLYSTEP_WIDE __attribute__((target_clones("avx512f", "avx2", "default")))
// Versions that are written for one processor, and chosen by who calls them.
#define POLYSTEP_AVX512 __attribute__((target("avx512f,fma")))
#define POLYSTEP_AVX2 __attribute__((target("avx2,fma")))
#elif !defined(POLYSTEP_WIDE)
#define POLYSTEP_WIDE
#endif

#ifdef POLYSTEP_AVX512
namespace polystep {
// Whether this machine runs what is compiled for POLYSTEP_AVX512, and for POLYSTEP_AVX2.
inline bool HasAvx512() {
  return __builtin_cpu_supports("avx512f") != 0 && __builtin_cpu_supports("fma") != 0;
}
inline bool HasAvx2() {
  return __builtin_cpu_supports("avx2") != 0 && __builtin_cpu_supports("fma") != 0;
}
}  // namespace polystep
#endif

#endif  // POLYSTEP_CORE_BASE_WIDE_H_
