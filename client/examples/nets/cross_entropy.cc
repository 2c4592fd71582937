#include "client/examples/nets/cross_entropy.h"

#include "client/examples/nets/lane_math.h"
#include "core/base/wide.h"

namespace polystep::nets {
namespace {

POLYSTEP_WIDE void Losses(const float* logits, const int32_t* labels, float* losses) {
  for (size_t s = 0; s < kBlock; ++s) {
    float greatest = logits[s];
    float of_label = labels[s] == 0 ? logits[s] : 0.0f;
#pragma GCC unroll 10
    for (size_t o = 1; o < kClasses; ++o) {
      const float logit = logits[o * kBlock + s];
      greatest = logit > greatest ? logit : greatest;
      of_label = labels[s] == static_cast<int32_t>(o) ? logit : of_label;
    }
    float sum = 0.0f;
#pragma GCC unroll 10
    for (size_t o = 0; o < kClasses; ++o) sum += LaneExp(logits[o * kBlock + s] - greatest);
    losses[s] = LaneLog(sum) + (greatest - of_label);
  }
}

}  // namespace

void CrossEntropy(const float* logits, const int32_t* labels, float* losses) {
  Losses(logits, labels, losses);
}

size_t RightAnswers(const float* logits, const int32_t* labels, size_t samples) {
  size_t right = 0;
  for (size_t s = 0; s < samples; ++s) {
    size_t answer = 0;
    for (size_t o = 1; o < kClasses; ++o) {
      if (logits[o * kBlock + s] > logits[answer * kBlock + s]) answer = o;
    }
    right += static_cast<int32_t>(answer) == labels[s] ? 1 : 0;
  }
  return right;
}

}  // namespace polystep::nets
