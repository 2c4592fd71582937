// Asking: what may be asked for, encodings and their sizes, long polls.
#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/base/field_error.h"
#include "server/engine/limits.h"
#include "server/engine/status.h"
#include "server/engine/study.h"
#include "server/engine/study_state.h"
#include "server/engine/validate.h"

namespace polystep {
namespace {

// Values of candidates; from so many on they are written outside of the study's strand.
constexpr uint64_t kManyValues = 8192;

uint64_t ValuesOnTheWire(const LeaseGrant& lease) {
  if (lease.encoding == Encoding::kSubspace) return lease.frames.moves.factors.size();
  return lease.encoding == Encoding::kBlock
             ? lease.block.values.size()
             : uint64_t{lease.count} * static_cast<uint64_t>(lease.space->dimension());
}

// Wire bytes of one value of a column.
uint64_t ValueBytes(const Domain& domain) {
  if (const auto* categorical = std::get_if<CategoricalDomain>(&domain)) {
    size_t longest = 0;
    for (const std::string& choice : categorical->choices) {
      longest = std::max(longest, choice.size());
    }
    return longest + 4;
  }
  if (std::holds_alternative<IntegerDomain>(domain)) return 10;
  return std::holds_alternative<BooleanDomain>(domain) ? 1 : 8;
}

uint64_t TensorValues(const TensorSpec& tensor) {
  uint64_t values = 1;
  for (int64_t size : tensor.shape) values *= static_cast<uint64_t>(size);
  return values;
}

uint64_t TensorValues(const SearchSpace& space) {
  uint64_t values = 0;
  for (const TensorSpec& tensor : space.tensors()) values += TensorValues(tensor);
  return values;
}

const char* EncodingName(Encoding encoding) {
  switch (encoding) {
    case Encoding::kNamed:
      return "NAMED";
    case Encoding::kDense:
      return "DENSE";
    case Encoding::kBlock:
      return "BLOCK";
    default:
      return "SUBSPACE";
  }
}

// Of block-encoded candidates, whatever their number.
constexpr uint64_t kBlockHead = 128;

// Of one candidate of frames: its coordinates, its frame's place, and a share of what it takes when
// it is decoded, so that a lease does not become more than so many times as large.
uint64_t FrameBytes(const Search& search) {
  constexpr uint64_t kMostGrowth = 16;
  return 4 * uint64_t{*search.effective_optimizer().frame_size} + 12 +
         4 * uint64_t{search.ChangeWidth()} / kMostGrowth;
}

// Wire bytes of a lease that do not depend on its count: the columns' names and heads.
uint64_t ColumnBytes(const SearchSpace& space) {
  uint64_t bytes = 0;
  for (const ParameterSpec& parameter : space.parameters()) bytes += parameter.name.size() + 24;
  for (const TensorSpec& tensor : space.tensors()) bytes += tensor.name.size() + 24;
  return bytes;
}

}  // namespace

// Candidates of the present step: a step that evaluates given points has whole ones.
bool Study::CanEncode(Encoding encoding) const {
  if (encoding == Encoding::kSubspace) return trajectory_->search().HasFrames();
  if (encoding != Encoding::kNamed && space_->has_parameters()) return false;
  if (encoding == Encoding::kBlock) return trajectory_->search().ChangeWidth() > 0;
  return TensorValues(*space_) <= limits::kCandidateValues &&
         HeadBytes(encoding) + CandidateBytes(encoding) <= limits::kResponseBytes;
}

absl::StatusOr<Encoding> Study::ChooseEncoding(const AskParams& params) const {
  std::vector<Encoding> wanted = params.encodings;
  if (wanted.empty()) {
    wanted = {space_->has_parameters() ? Encoding::kNamed : Encoding::kDense};
  }
  for (Encoding encoding : wanted) {
    if (CanEncode(encoding)) return encoding;
  }
  return NoEncoding();
}

absl::Status Study::NoEncoding() const {
  std::string possible;
  for (Encoding encoding :
       {Encoding::kNamed, Encoding::kDense, Encoding::kBlock, Encoding::kSubspace}) {
    if (!CanEncode(encoding)) continue;
    absl::StrAppend(&possible, possible.empty() ? "" : " or ", EncodingName(encoding));
  }
  const std::string values =
      absl::StrCat("a candidate of study \"", id_, "\" has ", TensorValues(*space_),
                   " tensor values, whole ones are sent up to ", limits::kCandidateValues);
  if (possible.empty()) {
    return FieldError("encodings",
                      absl::StrCat(values, " in ", limits::kResponseBytes,
                                   " bytes, and they differ too much from each other for BLOCK"));
  }
  std::string why = values;
  if (space_->has_parameters()) {
    why = absl::StrCat("DENSE, BLOCK and SUBSPACE are for studies of tensors only, study \"", id_,
                       "\" has parameters");
  } else if (TensorValues(*space_) <= limits::kCandidateValues) {
    why =
        absl::StrCat("candidates of study \"", id_, "\" differ too much from each other for BLOCK");
  }
  return FieldError("encodings", absl::StrCat(why, ": ask for ", possible));
}

uint64_t Study::CandidateBytes(Encoding encoding) const {
  if (encoding == Encoding::kBlock) {
    // Single coordinates may come with their place.
    const uint64_t width = trajectory_->search().ChangeWidth();
    return width == 1 ? 8 : 4 * width;
  }
  if (encoding == Encoding::kSubspace) return FrameBytes(trajectory_->search());
  uint64_t bytes = 4 * TensorValues(*space_);
  if (encoding == Encoding::kDense) return bytes;
  for (const ParameterSpec& parameter : space_->parameters()) bytes += ValueBytes(parameter.domain);
  return bytes;
}

uint64_t Study::HeadBytes(Encoding encoding) const {
  if (encoding == Encoding::kBlock || encoding == Encoding::kSubspace) return kBlockHead;
  return encoding == Encoding::kNamed ? ColumnBytes(*space_) : 16;
}

// `encoding` is one of those that CanEncode.
absl::StatusOr<uint32_t> Study::ByteLimit(const AskParams& params, Encoding encoding) const {
  uint64_t head = HeadBytes(encoding);
  uint64_t each = CandidateBytes(encoding);
  uint64_t limit = limits::kResponseBytes;
  if (params.max_bytes > 0) limit = std::min<uint64_t>(limit, params.max_bytes);
  if (head + each > limit) {
    return FieldError("max_bytes",
                      absl::StrCat("is ", params.max_bytes, ", one candidate takes ", head + each));
  }
  return static_cast<uint32_t>(
      std::min<uint64_t>((limit - head) / each, limits::kLeaseEvaluations));
}

absl::Status Study::CheckAsk(const AskParams& params) const {
  if (absl::Status status = ValidateAsk(params); !status.ok()) return status;
  absl::StatusOr<Encoding> encoding = ChooseEncoding(params);
  if (!encoding.ok()) return encoding.status();
  return ByteLimit(params, *encoding).status();
}

void Study::Ask(AskParams params, std::function<bool()> cancelled, Callback<AskResult> done) {
  Dispatch([this, params = std::move(params), cancelled = std::move(cancelled),
            done = std::move(done)]() mutable {
    absl::Status status = Gate();
    if (status.ok() && context_->draining) status = Draining();
    if (status.ok()) status = CheckAsk(params);
    if (!status.ok()) return std::move(done)(status);
    HandleAsk(std::move(params), std::move(cancelled), std::move(done));
  });
}

// `params` are checked.
void Study::HandleAsk(AskParams params, std::function<bool()> cancelled, Callback<AskResult> done) {
  last_call_ = Monotonic();
  workers_.See(params.worker, last_call_);
  Waiter waiter;
  waiter.deadline = last_call_ + std::min(params.wait, context_->options.max_wait);
  waiter.params = std::move(params);
  waiter.cancelled = std::move(cancelled);
  waiter.done = std::move(done);
  ServeWaiters();  // who came before
  if (!Serve(waiter)) Hold(std::move(waiter));
  ServeWaiters();  // the rest of a slow lease is for all
  ArmTimer();
}

bool Study::Serve(Waiter& waiter) {
  if (waiter.cancelled && waiter.cancelled()) {
    std::move(waiter.done)(absl::CancelledError("the caller is gone"));
    return true;
  }
  if (Paused(waiter)) return true;
  absl::StatusOr<std::optional<LeaseGrant>> grant = TryGrant(waiter.params);
  if (!grant.ok()) {
    std::move(waiter.done)(grant.status());
    return true;
  }
  if (!grant->has_value() && entry_.state == StudyState::kActive && waiter.deadline > Monotonic()) {
    return false;
  }
  AskResult result = NoLease();
  result.lease = *std::move(grant);
  if (result.lease) {
    result.retry_delay = absl::ZeroDuration();
    AddCenter(waiter.params, *result.lease);
  }
  if (!result.lease || ValuesOnTheWire(*result.lease) < kManyValues) {
    std::move(waiter.done)(std::move(result));
    return true;
  }
  // Writing them takes longer than the strand should be held.
  context_->executor->Post([done = std::move(waiter.done), result = std::move(result)]() mutable {
    std::move(done)(std::move(result));
  });
  return true;
}

void Study::AddCenter(const AskParams& params, LeaseGrant& lease) {
  const bool frames = lease.encoding == Encoding::kSubspace;
  if (!frames && lease.encoding != Encoding::kBlock) return;
  const std::shared_ptr<const Center>& center = frames ? lease.frames.center : lease.block.center;
  if (!params.known_center_id || *params.known_center_id == center->id) return;
  lease.center = ViewOf(center, *params.known_center_id);
}

bool Study::Paused(Waiter& waiter) {
  if (entry_.state != StudyState::kActive) return false;
  const absl::Duration left = workers_.PauseLeft(waiter.params.worker, Monotonic());
  // A repeat of an ask still finds its lease.
  if (left == absl::ZeroDuration() ||
      (leases_ && leases_->FindRequest(waiter.params.worker, waiter.params.request_id))) {
    return false;
  }
  AskResult result = NoLease();
  result.retry_delay = left;
  std::move(waiter.done)(std::move(result));
  return true;
}

AskResult Study::NoLease() const {
  AskResult result;
  result.study_state = entry_.state;
  if (entry_.state == StudyState::kActive) result.retry_delay = absl::Seconds(1);
  if (entry_.state == StudyState::kPaused) result.retry_delay = absl::Seconds(5);
  return result;
}

bool Study::Hold(Waiter waiter) {
  absl::Status status = context_->AddWaiter();
  if (!status.ok()) {
    DropGoneWaiters();  // of callers that did not wait for their deadline
    status = context_->AddWaiter();
  }
  if (!status.ok()) {
    std::move(waiter.done)(status);
    return false;
  }
  waiter_deadlines_.emplace(waiter.deadline, next_waiter_);
  waiters_.emplace(next_waiter_++, std::move(waiter));
  return true;
}

Study::Waiters::iterator Study::Forget(Waiters::iterator waiter) {
  waiter_deadlines_.erase({waiter->second.deadline, waiter->first});
  --context_->waiters;
  return waiters_.erase(waiter);
}

void Study::ServeWaiters() {
  if (leases_) {
    leases_->Expect(workers_.typical());
    leases_->PassTime(Monotonic());
  }
  // First come, first served: who cannot be served (a backup of its own lease) keeps its place.
  for (auto waiter = waiters_.begin(); waiter != waiters_.end();) {
    const bool slow = entry_.lease.backup_leases && leases_ && leases_->slow_count() > 0;
    if (!leases_ || (!leases_->has_available() && !slow)) return;
    if (Serve(waiter->second)) {
      waiter = Forget(waiter);
    } else {
      ++waiter;
    }
  }
}

void Study::AnswerWaiters(const absl::Status& status) {
  context_->waiters -= static_cast<int>(waiters_.size());
  waiter_deadlines_.clear();
  for (auto& [number, waiter] : std::exchange(waiters_, {})) {
    if (status.ok()) {
      std::move(waiter.done)(NoLease());
    } else {
      std::move(waiter.done)(status);
    }
  }
}

void Study::ExpireWaiters() {
  const absl::Duration now = Monotonic();
  while (!waiter_deadlines_.empty() && waiter_deadlines_.begin()->first <= now) {
    auto waiter = waiters_.find(waiter_deadlines_.begin()->second);
    Callback<AskResult> done = std::move(waiter->second.done);
    Forget(waiter);
    std::move(done)(NoLease());
  }
}

void Study::DropGoneWaiters() {
  for (auto waiter = waiters_.begin(); waiter != waiters_.end();) {
    if (!waiter->second.cancelled || !waiter->second.cancelled()) {
      ++waiter;
      continue;
    }
    Callback<AskResult> done = std::move(waiter->second.done);
    waiter = Forget(waiter);
    std::move(done)(absl::CancelledError("the caller is gone"));
  }
}

}  // namespace polystep
