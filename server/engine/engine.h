// The ask/tell engine: studies, their steps and their leases.
//
// Every study is one strand (server/base/strand.h): its state is touched by one task at a time, in
// the order of the calls. Calls return at once and answer through their callback, on an executor
// thread. The one write path is: decide on the strand, commit to storage, apply on the strand,
// answer. Thread-safe.
//
// Error codes are those of the API's error table. INVALID_ARGUMENT carries FieldError payloads;
// a status may carry a reason and a retry delay (engine/status.h).
#ifndef POLYSTEP_SERVER_ENGINE_ENGINE_H_
#define POLYSTEP_SERVER_ENGINE_ENGINE_H_

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/base/clock.h"
#include "server/base/executor.h"
#include "server/engine/study_spec.h"
#include "server/storage/storage.h"

namespace polystep {

template <class T>
using Callback = absl::AnyInvocable<void(absl::StatusOr<T>)>;

enum class StudyState : uint8_t {
  kActive = 1,
  kPaused = 2,
  kSucceeded = 3,
  kStopped = 4,
  kFailed = 5
};

struct Counters {
  int64_t infeasible = 0, transient = 0, lost = 0, duplicate = 0, stale = 0, conflicting = 0,
          reused = 0, score = 0;
};

// `loss` in the user's sign; `point` as decoded (rounded to the wire).
struct Solution {
  double loss = 0.0;
  int64_t step = 0;
  uint32_t index = 0;
  Point point;
  double violation = 0.0;  // above 0 as long as nothing feasible is known
};

struct StudyView {
  std::string id, uid, etag, display_name;
  std::map<std::string, std::string> labels;
  StudySpec spec;  // defaults filled in, seed shown, optimizer as requested
  OptimizerSpec effective_optimizer;
  std::shared_ptr<const SearchSpace> space;
  StudyState state = StudyState::kActive;
  std::string state_reason;
  int64_t step = 0;
  int64_t evaluations = 0;
  std::optional<Solution> best;
  std::string trajectory_digest;  // 64 hex digits
  Counters counters;
  absl::Time create_time, update_time;
  int32_t algorithm_revision = 0;
};

struct CreateStudyParams {
  std::string id;  // [a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?; empty: drawn
  std::string display_name;
  std::map<std::string, std::string> labels;
  StudySpec spec;
  std::string request_id;
  bool validate_only = false;
};

// Absent members stay as they are.
struct UpdateStudyParams {
  std::string id;
  std::string etag;  // empty: not compared; ABORTED if it differs
  std::optional<std::string> display_name;
  std::optional<std::map<std::string, std::string>> labels;
  std::optional<LeasePolicy> lease;
  std::optional<StopCriteria> stop;
};

struct StepRow {
  StepSummary summary;  // losses in the user's sign
  std::string digest;   // 64 hex digits, d(t) after this step
  absl::Time commit_time;
};

enum class Encoding : uint8_t { kNamed = 1, kDense = 2, kBlock = 3, kSubspace = 4 };

// In the place of a study's id: any that has work.
inline constexpr std::string_view kAnyStudy = "-";

struct AskParams {
  std::string study;  // or kAnyStudy
  std::string worker;
  uint32_t max_evaluations = 0;  // 0: sized by the engine
  uint32_t max_bytes = 0;        // of the encoded candidates; 0: the contract's 1 MiB
  absl::Duration wait = absl::ZeroDuration();
  std::vector<Encoding> encodings;  // preference order; empty: NAMED if there are parameters
  std::string request_id;
  std::optional<absl::Duration> lease_ttl;
  // With kAnyStudy: of studies that have all of these; empty: of any.
  std::map<std::string, std::string> labels = {};
  // The center that the worker has, possibly none: a block lease may bring the one it needs.
  std::optional<std::string> known_center_id;
};

inline constexpr size_t kCenterIdSize = 32;

// A point that candidates are told as changes of: the values of all tensors, one after the other.
struct Center {
  std::string id;  // of the content, kCenterIdSize digits
  std::vector<float> values;
  bool bits = false;  // all values are 0 or 1
  // The center that was made before this one, and the coordinates that are not as in it.
  struct Run {
    uint32_t first = 0;
    uint32_t size = 0;
  };
  std::string before_id;  // empty: there was none
  std::vector<Run> changed;
};

// What a caller needs of a center: all of it, or what changed if it has the one before.
struct CenterView {
  std::shared_ptr<const Center> center;
  bool difference = false;
};

// Candidates as what sets them apart from a center; see Search::Changes.
struct BlockChanges {
  std::shared_ptr<const Center> center;
  uint32_t width = 0;                      // most coordinates of a candidate
  std::vector<SearchSpace::Range> ranges;  // one a candidate; of size 0 at any place: the center
  std::vector<float> values;               // of all ranges, without gaps, as decoded
};

// Candidates as moves of frames around a center; see Search::Frames.
struct FrameCandidates {
  std::shared_ptr<const Center> center;
  uint32_t unchanged = 0;  // first candidates, which are the center
  FrameMoves moves;        // the others
};

struct LeaseGrant {
  std::string study;  // its id
  std::string token;
  int64_t step = 0;
  uint32_t first_index = 0;
  uint32_t count = 0;
  bool backup = false;
  absl::Duration ttl;
  absl::Time expire_time;
  uint64_t evaluation_seed = 0;
  Purpose purpose = Purpose::kSearch;
  Encoding encoding = Encoding::kNamed;
  std::shared_ptr<const SearchSpace> space;
  std::vector<double> coordinates;  // count x dimension, clamped; empty where there is a center
  BlockChanges block;               // of kBlock, and of kDense where candidates change little
  FrameCandidates frames;           // of kSubspace
  // Of kBlock and kSubspace, if the worker wants what it has not.
  std::optional<CenterView> center;
};

struct AskResult {
  std::optional<LeaseGrant> lease;
  StudyState study_state = StudyState::kActive;
  absl::Duration retry_delay;
};

struct Failure {
  enum class Kind : uint8_t { kInfeasible = 1, kTransient = 2 };
  uint32_t index = 0;  // absolute
  Kind kind = Kind::kInfeasible;
  std::string message;
};

struct LossSlice {
  uint32_t first_index = 0;
  std::vector<double> losses;  // in the user's sign; an index with a failure is ignored here
  std::vector<Failure> failures;
  std::vector<double> violations = {};  // one a loss, finite and at least 0; empty: all feasible
};

struct TellParams {
  std::string study;
  std::string token;
  int64_t step = 0;
  std::vector<LossSlice> slices;
  bool release_rest = false;
  std::optional<AskParams> next;
};

struct IndexRange {
  uint32_t first = 0;
  uint32_t count = 0;
};

struct TellResult {
  uint32_t accepted = 0, duplicate = 0, stale = 0, conflicting = 0;
  int64_t committed_step = 0;
  absl::Duration ttl;
  std::optional<AskResult> next;
  std::vector<IndexRange> not_needed;
};

struct RenewResult {
  absl::Duration ttl;
  bool known = false;  // false: expired or finished; its open indices may be elsewhere
  std::vector<IndexRange> not_needed;  // answered by someone else
};

// Start values by the id of their content; without a study they are kept until `expire_time`.
struct UploadView {
  std::string content_id;
  absl::Time expire_time;
};

class Engine {
 public:
  struct Options {
    int max_studies = 10'000;
    int64_t max_upload_bytes = int64_t{1} << 30;  // of all uploaded start values that are kept
    int max_waiters = 16'384;                     // long polls held, over all studies
    absl::Duration max_wait = absl::Seconds(60);
    absl::Duration snapshot_interval = absl::Seconds(60);
    std::function<void(std::string)> log = [](const std::string&) {};
    // Fresh secret-quality bytes for uids and drawn seeds; seeded in the simulation.
    std::function<std::string(size_t)> random_bytes;
  };

  // All pointers outlive the engine. `storage` is not used by anyone else.
  Engine(Options options, const Clock* clock, Executor* executor, Storage* storage);
  ~Engine();

  // Loads every study and replays what its snapshot lacks. Call once, first, from one thread.
  // DATA_LOSS where a digest differs; FAILED_PRECONDITION (REVISION_UNKNOWN) for studies of an
  // unknown algorithm revision is per study: such a study is FAILED to serve, the others go on.
  absl::Status Recover();

  void CreateStudy(CreateStudyParams params, Callback<StudyView> done);
  void GetStudy(std::string id, Callback<StudyView> done);
  // By id, ascending, after `after_id`; at most `limit`.
  void ListStudies(std::string after_id, int limit, Callback<std::vector<StudyView>> done);
  void UpdateStudy(UpdateStudyParams params, Callback<StudyView> done);
  void DeleteStudy(std::string id, std::string etag, Callback<std::monostate> done);
  void PauseStudy(std::string id, Callback<StudyView> done);
  void ResumeStudy(std::string id, Callback<StudyView> done);
  void StopStudy(std::string id, Callback<StudyView> done);
  void ListSteps(std::string id, int64_t first_step, int limit,
                 Callback<std::vector<StepRow>> done);
  // BEST: the incumbent; CENTER: the state's center, whose loss is not known.
  struct SolutionView {
    std::optional<double> loss;
    int64_t step = 0;
    uint32_t index = 0;
    Point point;
    std::shared_ptr<const SearchSpace> space;
    double violation = 0.0;
  };
  enum class SolutionKind : uint8_t { kBest = 1, kCenter = 2 };
  void GetSolution(std::string id, SolutionKind kind, Callback<SolutionView> done);

  // Keeps values for studies to start from (Initializer::Kind::kUploaded): for a day, and as long
  // as there is a study that does. The same values give the same id, and a new day. Errors as of
  // UploadStore::Put.
  void UploadTensor(std::vector<float> values, Callback<UploadView> done);

  // `known_id`: the center that the caller has; may be empty. NOT_FOUND for other centers than
  // those of the current step and of the one before.
  void GetCenter(std::string study, std::string id, std::string known_id,
                 Callback<CenterView> done);

  // Calls `update` on executor threads, one call at a time, with the steps after `after_step` as
  // they close and with every change of state, until it returns false or the study ends (its last
  // call has that state). Steps that closed before are read from storage first.
  struct WatchUpdate {
    StudyView study;
    std::vector<StepRow> steps;
  };
  using Watcher = absl::AnyInvocable<bool(absl::StatusOr<WatchUpdate>)>;
  // `cancelled` may be asked at any time, also after the end: a cancelled watch makes room for
  // others.
  void WatchStudy(std::string id, int64_t after_step, std::function<bool()> cancelled,
                  Watcher update);

  // `cancelled` is polled before a lease is granted: a cancelled poll grants none. With kAnyStudy
  // the lease is of the ACTIVE study that has work, the labels, and the fewest leases out.
  void Ask(AskParams params, std::function<bool()> cancelled, Callback<AskResult> done);
  void Tell(TellParams params, std::function<bool()> cancelled, Callback<TellResult> done);
  void Renew(std::string study, std::vector<std::string> tokens,
             Callback<std::vector<RenewResult>> done);
  void Release(std::string study, std::vector<std::string> tokens, Callback<std::monostate> done);

  // Refuses new leases and answers held polls (UNAVAILABLE); tells are still accepted. Then
  // snapshots every study; `done` runs when all that is durable.
  void Drain(absl::AnyInvocable<void(absl::Status)> done);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace polystep

#endif  // POLYSTEP_SERVER_ENGINE_ENGINE_H_
