// The machine's memory bandwidth, as STREAM's triad a[i] = b[i] + s c[i] measures it: the limit
// that the core's steps are held against, taken in the same run. One thread.
#ifndef POLYSTEP_TESTS_BENCH_CORE_TRIAD_H_
#define POLYSTEP_TESTS_BENCH_CORE_TRIAD_H_

namespace polystep::bench {

// Bytes a second: three arrays of 64 MiB, the best of ten passes. Measured once a process.
double TriadBandwidth();

// CPU time of this thread: what others do on the machine matters less than to the clock.
double ThreadSeconds();

}  // namespace polystep::bench

#endif  // POLYSTEP_TESTS_BENCH_CORE_TRIAD_H_
