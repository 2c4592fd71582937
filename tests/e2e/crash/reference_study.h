// The study that every run of these tests repeats, and the losses it is given.
//
// The simulator uses + - * and comparisons only, so that its losses are the same on every machine.
#ifndef POLYSTEP_TESTS_E2E_CRASH_REFERENCE_STUDY_H_
#define POLYSTEP_TESTS_E2E_CRASH_REFERENCE_STUDY_H_

#include "client/cpp/evaluation.h"
#include "polystep/v1/study.pb.h"

namespace polystep {

inline constexpr int kReferenceSteps = 60;

// Typed parameters, noise NONE, a fixed seed, kReferenceSteps steps.
v1::StudySpec ReferenceStudy();
double ReferenceLoss(const client::Candidate& candidate);

// Likewise of 90 bits, flipped one by one, 64 a step.
v1::StudySpec BitStudy();
double BitLoss(const client::Candidate& candidate);

}  // namespace polystep

#endif  // POLYSTEP_TESTS_E2E_CRASH_REFERENCE_STUDY_H_
