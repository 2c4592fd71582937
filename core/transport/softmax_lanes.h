// LossScale::kRowDeviation and Solver::kSoftmax of kSoftmaxRows rows at once, all of them losses:
// bit for bit what loss_row.h and RowSoftmax make of each row.
//
// Part of transport_weights.cc. Pure functions, safe from any thread.
#ifndef POLYSTEP_CORE_TRANSPORT_SOFTMAX_LANES_H_
#define POLYSTEP_CORE_TRANSPORT_SOFTMAX_LANES_H_

#include <cstddef>
#include <vector>

#include "core/base/transpose.h"

namespace polystep {

// More than kLanes: sums and Newton's steps of one row wait for each other.
inline constexpr size_t kSoftmaxRows = kTransposedRows;

// Turns `rows`, width x kSoftmaxRows losses, into weights in place; those of a row of equal losses,
// which holds, are zero. inverse[l] is what the losses of lane l were multiplied by (0 if by
// nothing), and moves[l] is 1 where the row does not hold, else 0. False, and nothing is of use,
// where losses or epsilon are so large or small that rows need another unit (loss_row.h).
bool SoftmaxLanes(size_t width, double epsilon, double* rows, double* inverse, double* moves);

// The same of any width above 2, in every form that this machine can run, the fastest first. For
// tests: all give the same bits.
using SoftmaxKernel = bool (*)(size_t width, double epsilon, double* rows, double* inverse,
                               double* moves);
std::vector<SoftmaxKernel> SoftmaxKernels();

}  // namespace polystep

#endif  // POLYSTEP_CORE_TRANSPORT_SOFTMAX_LANES_H_
