// Cross-entropy of a block of samples, one a lane. Pure functions.
#ifndef POLYSTEP_CLIENT_EXAMPLES_NETS_CROSS_ENTROPY_H_
#define POLYSTEP_CLIENT_EXAMPLES_NETS_CROSS_ENTROPY_H_

#include <cstddef>
#include <cstdint>

#include "client/examples/nets/batch.h"

namespace polystep::nets {

// losses[s] = log sum_o exp(logits[o][s]) - logits[labels[s]][s].
void CrossEntropy(const float* logits, const int32_t* labels, float* losses);

// Among the first `samples`, those whose greatest logit, the first if several are, is the label's.
size_t RightAnswers(const float* logits, const int32_t* labels, size_t samples);

}  // namespace polystep::nets

#endif  // POLYSTEP_CLIENT_EXAMPLES_NETS_CROSS_ENTROPY_H_
