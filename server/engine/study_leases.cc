// Granting leases, journaling the long ones, and leases that end without an answer.
#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/engine/lease_sizing.h"
#include "server/engine/limits.h"
#include "server/engine/status.h"
#include "server/engine/study.h"

namespace polystep {
namespace {

constexpr absl::Duration kLong = absl::Seconds(10);  // leases beyond are journaled

}  // namespace

absl::StatusOr<std::optional<LeaseGrant>> Study::TryGrant(const AskParams& params) {
  if (entry_.state != StudyState::kActive || !leases_ || deleting_) return std::nullopt;
  absl::Duration now = Monotonic();
  if (Lease* lease = leases_->FindRequest(params.worker, params.request_id)) {
    leases_->SetExpiry(*lease, std::min(now + lease->ttl, lease->latest));
    return Describe(*lease);
  }
  absl::StatusOr<Encoding> encoding = ChooseEncoding(params);
  if (!encoding.ok()) return encoding.status();
  absl::StatusOr<uint32_t> most = ByteLimit(params, *encoding);
  if (!most.ok()) return most.status();
  if (params.max_evaluations > 0) most = std::min(*most, params.max_evaluations);
  const WorkerTable::Worker& worker = workers_.See(params.worker, now);
  uint32_t size = std::min(*most, LeaseSize({.asked = params.max_evaluations,
                                             .available = leases_->available(),
                                             .active_workers = workers_.Active(now),
                                             .per_evaluation = worker.per_evaluation,
                                             .typical = workers_.typical().evaluation,
                                             .largest_finished = worker.largest_finished}));
  if (leases_->outstanding() >= limits::kLeases) {
    return WithRetryDelay(
        WithReason(absl::ResourceExhaustedError(absl::StrCat(
                       "study \"", id_, "\" has ", limits::kLeases, " leases outstanding")),
                   reason::kTooManyLeases),
        absl::Seconds(1));
  }
  if (leases_->has_available()) {
    return Describe(GrantRange(params, *encoding, NextRange(*encoding, size, *most)));
  }
  if (!entry_.lease.backup_leases || workers_.IsSlow(worker)) return std::nullopt;
  Lease* slow = leases_->Slow(params.worker);
  if (slow == nullptr) return std::nullopt;
  uint64_t slow_id = slow->id;
  const IndexRange run = leases_->OpenRun(*slow, size);
  leases_->Cut(*slow, run.first + run.count);
  Lease& backup = GrantRange(params, *encoding, run);
  leases_->Pair(*leases_->Find(slow_id), backup);
  return Describe(backup);
}

// Leases of changes have whole rows as long as there is a row for every worker: a row is then
// evaluated in one place, and block after block follows without a word.
IndexRange Study::NextRange(Encoding encoding, uint32_t size, uint32_t most) {
  IndexRange range = leases_->Next(size);
  if (encoding != Encoding::kBlock && encoding != Encoding::kSubspace) return range;
  const Segment& segment = SegmentOf(range.first);
  const uint32_t row = segment.vertices * segment.probes;
  const uint32_t open = trajectory_->ledger().undecided() / row;
  if (open <= workers_.Active(Monotonic())) return range;
  return leases_->Next(WholeRows(range.first - segment.first_index, range.count, row, most));
}

const Segment& Study::SegmentOf(uint32_t index) const {
  const std::vector<Segment>& segments = trajectory_->plan().segments;
  return *std::find_if(segments.begin(), segments.end(), [&](const Segment& segment) {
    return index - segment.first_index < segment.count();
  });
}

Lease& Study::GrantRange(const AskParams& params, Encoding encoding, IndexRange range) {
  Lease lease;
  lease.id = next_lease_id_++;
  lease.worker = params.worker;
  lease.request_id = params.request_id;
  lease.encoding = encoding;
  lease.first = range.first;
  lease.count = range.count;
  lease.ttl = params.lease_ttl.value_or(entry_.lease.ttl);
  SetTimes(lease);
  lease.slow_at = lease.granted + SlowAfter(lease.count, workers_.typical());
  SignToken(lease);
  Lease& granted = leases_->Grant(std::move(lease));
  const absl::Duration expected =
      workers_.See(params.worker, granted.granted).per_evaluation * granted.count;
  if (std::max(expected, params.lease_ttl.value_or(absl::ZeroDuration())) > kLong) {
    Journal(granted);
  }
  return granted;
}

void Study::SetTimes(Lease& lease) const {
  lease.granted = Monotonic();
  lease.latest = lease.granted + entry_.lease.max_attempt_time * lease.count;
  lease.expires = std::min(lease.granted + lease.ttl, lease.latest);
}

void Study::SignToken(Lease& lease) const {
  lease.token = context_->signer.Sign(uid_, {.step = trajectory_->step(),
                                             .digest = trajectory_->digest(),
                                             .first = lease.first,
                                             .count = lease.count,
                                             .lease_id = lease.id});
}

// Nobody waits for this: a lease whose entry a crash took is offered again, no worse.
void Study::Journal(Lease& lease) {
  lease.journaled = true;
  LongLease entry{lease.id,       lease.first,  lease.count,     lease.ttl,
                  lease.encoding, lease.worker, lease.request_id};
  context_->storage->Commit(
      {AppendAnswers{uid_, {trajectory_->step(), EncodeLogEntry(std::move(entry))}}},
      [](const absl::Status&) {});
}

void Study::JournalEnd(uint64_t id) {
  Lease* lease = leases_ ? leases_->Find(id) : nullptr;
  if (lease == nullptr || !lease->journaled || lease->unanswered == 0) return;
  context_->storage->Commit(
      {AppendAnswers{uid_, {trajectory_->step(), EncodeLogEntry(LongLeaseEnd{id})}}},
      [](const absl::Status&) {});
}

void Study::RestoreLease(const LongLease& journaled) {
  Lease lease;
  lease.id = journaled.lease_id;
  lease.worker = journaled.worker;
  lease.request_id = journaled.request_id;
  lease.encoding = journaled.encoding;
  lease.first = journaled.first;
  lease.count = journaled.count;
  lease.ttl = journaled.ttl;
  lease.journaled = true;
  SetTimes(lease);
  SignToken(lease);
  context_->pool->Remember(lease.worker, lease.request_id, uid_);
  leases_->Grant(std::move(lease));
}

LeaseGrant Study::Describe(const Lease& lease) {
  LeaseGrant grant;
  grant.study = id_;
  grant.token = lease.token;
  grant.step = trajectory_->step();
  grant.first_index = lease.first;
  grant.count = lease.count;
  grant.backup = lease.backup;
  grant.ttl = lease.expires - Monotonic();
  grant.expire_time = context_->clock->Now() + grant.ttl;
  const Segment& segment = SegmentOf(lease.first);
  grant.evaluation_seed = segment.evaluation_seed;
  grant.purpose = segment.purpose;
  grant.encoding = lease.encoding;
  grant.space = space_;
  if (lease.encoding == Encoding::kSubspace) {
    grant.frames = Frames(lease);
    return grant;
  }
  const bool dense = lease.encoding == Encoding::kDense;
  if (lease.encoding == Encoding::kBlock || (dense && trajectory_->search().ChangeWidth() > 0)) {
    grant.block = Changes(lease);
    return grant;
  }
  grant.coordinates.resize(static_cast<size_t>(lease.count) * space_->dimension());
  trajectory_->search().Candidates(lease.first, lease.count, absl::MakeSpan(grant.coordinates));
  return grant;
}

BlockChanges Study::Changes(const Lease& lease) {
  const Search& search = trajectory_->search();
  BlockChanges block;
  block.center = centers_.Current(search);
  block.width = search.ChangeWidth();
  block.ranges.resize(lease.count);
  std::vector<double> values(size_t{lease.count} * block.width);
  search.Changes(lease.first, absl::MakeSpan(block.ranges), absl::MakeSpan(values));
  block.values.resize(values.size());
  const size_t used =
      space_->DecodeElements(block.ranges, block.width, values, absl::MakeSpan(block.values));
  block.values.resize(used);
  return block;
}

FrameCandidates Study::Frames(const Lease& lease) {
  FrameCandidates frames;
  frames.center = centers_.Current(trajectory_->search());
  frames.moves = trajectory_->search().Frames(lease.first, lease.count);
  if (frames.moves.directions == 0) frames.unchanged = lease.count;
  return frames;
}

void Study::GetCenter(std::string id, std::string known_id, Callback<CenterView> done) {
  Post(
      [this, id = std::move(id), known_id = std::move(known_id), done = std::move(done)]() mutable {
        if (absl::Status gate = Gate(); !gate.ok()) return std::move(done)(gate);
        // After a restart nobody may have asked for a lease yet.
        if (trajectory_->is_open() && CanEncode(Encoding::kBlock)) {
          centers_.Current(trajectory_->search());
        }
        std::shared_ptr<const Center> center = centers_.Find(id);
        if (center == nullptr) {
          return std::move(done)(absl::NotFoundError(
              absl::StrCat("study \"", id_, "\" has no center \"", id,
                           "\": those of the current step and of the one before are kept")));
        }
        std::move(done)(ViewOf(std::move(center), known_id));
      });
}

void Study::ExpireLeases() {
  if (!leases_) return;
  for (uint64_t id : leases_->Expired(Monotonic())) {
    JournalEnd(id);
    NoteLoss(leases_->Lose(id));
  }
}

void Study::NoteLoss(const LeaseTable::Loss& loss) {
  counters_.lost += loss.evaluations;
  if (loss.times < entry_.lease.max_lost) return;
  PauseBecause(absl::StrCat("max_lost: ", loss.times, " leases of evaluation ", loss.index,
                            " of step ", trajectory_->step(),
                            " were lost: it may kill its workers"));
}

}  // namespace polystep
