// Every bound of the engine in one place. What passes a bound is answered with an error that names
// it; tests/unit/server/engine tests each at n and n + 1. Constants only.
#ifndef POLYSTEP_SERVER_ENGINE_LIMITS_H_
#define POLYSTEP_SERVER_ENGINE_LIMITS_H_

#include <cstddef>
#include <cstdint>

#include "absl/time/time.h"

namespace polystep::limits {

// Names and texts, in bytes.
inline constexpr size_t kStudyId = 63;
inline constexpr size_t kDisplayName = 256;
inline constexpr size_t kLabels = 64;  // a study
inline constexpr size_t kLabelKey = 63;
inline constexpr size_t kLabelValue = 256;
inline constexpr size_t kWorker = 256;
inline constexpr size_t kRequestId = 128;
inline constexpr size_t kFailureMessage = 512;  // what is kept of one; the rest is cut off

// Calls.
inline constexpr size_t kSlices = 4096;         // of one tell
inline constexpr uint64_t kAnswers = 262'144;   // losses and failures of one tell
inline constexpr size_t kTokens = 1024;         // of one renew or release
inline constexpr int kPage = 1000;              // studies or steps of one list
inline constexpr size_t kWatchers = 256;        // of one study
inline constexpr size_t kControlQueue = 64;     // updates, pauses, ... of one study not yet durable
inline constexpr size_t kCreatesInFlight = 64;  // waiting for another create of the same id

// Uploads.
inline constexpr uint64_t kUploadValues = 10'000'000;    // of one
inline constexpr int kUploadsInFlight = 16;              // calls, each of which holds its values
inline constexpr size_t kUploadPartValues = 256 * 1024;  // of one row of the store: 1 MiB
inline constexpr absl::Duration kUploadLife = absl::Hours(24);  // without a study

// Leases.
inline constexpr uint32_t kLeaseEvaluations = 65'536;
inline constexpr size_t kLeases = 100'000;   // outstanding, of one study
inline constexpr size_t kRequests = 32'768;  // of leases of any study, remembered
inline constexpr size_t kWorkers = 10'000;   // remembered, of one study
inline constexpr uint64_t kResponseBytes =
    (1u << 20) - 8192;                                 // 1 MiB less what is around candidates
inline constexpr uint64_t kCandidateValues = 250'000;  // of one candidate sent whole

// Policies.
inline constexpr absl::Duration kMinLeaseTtl = absl::Milliseconds(100);
inline constexpr absl::Duration kMaxLeaseTtl = absl::Hours(24 * 30);
inline constexpr uint32_t kMaxAttempts = 100;
inline constexpr uint32_t kMaxLost = 250;
inline constexpr int64_t kMaxSteps = int64_t{1} << 39;
inline constexpr int64_t kFailedFractionWindow = 100;     // evaluations before the breaker may trip
inline constexpr int64_t kFailedFractionMemory = 10'000;  // then what is older counts half
inline constexpr int64_t kStepsWithoutEvaluation = 1000;  // in a row: the space is exhausted

// Memory and log.
inline constexpr size_t kRecentSteps = 256;  // rows of closed steps held, a study
// Answers since the last snapshot, in bytes, before there is another: so many times its own size,
// so that snapshots of a large study are a quarter of its answers' bytes at most, and no fewer than
// the minimum.
inline constexpr uint64_t kSnapshotShare = 4;
inline constexpr uint64_t kMinSnapshotLog = 64 * 1024;

}  // namespace polystep::limits

#endif  // POLYSTEP_SERVER_ENGINE_LIMITS_H_
