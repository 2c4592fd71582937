#include "server/engine/lease_table.h"

#include <algorithm>

#include "server/engine/lease_sizing.h"
#include "server/engine/limits.h"

namespace polystep {
namespace {

// When the lease is slow; InfiniteDuration() if nobody can tell.
absl::Duration SlowAt(const Lease& lease, absl::Duration typical) {
  absl::Duration expected =
      lease.expected > absl::ZeroDuration() ? lease.expected : typical * lease.count;
  if (expected <= absl::ZeroDuration()) return absl::InfiniteDuration();
  return lease.granted + SlowAfter(expected);
}

}  // namespace

bool Lease::Holds(uint32_t index) const {
  return index - first < count &&
         std::find(given_up.begin(), given_up.end(), index) == given_up.end();
}

LeaseTable::LeaseTable(const StepPlan& plan, const Ledger* ledger) : ledger_(ledger) {
  for (const Segment& segment : plan.segments) {
    segments_.push_back({segment.first_index, segment.count()});
  }
  available_.Add(0, ledger->count());
  for (uint32_t i = 0; i < ledger->count(); ++i) {
    if (!ledger->open(i)) available_.Remove(i, 1);
  }
}

IndexRange LeaseTable::Next(uint32_t limit) const {
  IndexRange range = available_.Lowest();
  for (const IndexRange& segment : segments_) {
    if (range.first - segment.first < segment.count) {
      range.count = std::min(range.count, segment.first + segment.count - range.first);
    }
  }
  uint32_t lost = LostTimes(range.first);
  range.count = std::min({range.count, limit, PieceAfterLosses(lost)});
  if (lost_.empty()) return range;
  // Evaluations of different history are not mixed: the innocent get away from the suspect.
  for (uint32_t i = 1; i < range.count; ++i) {
    if (PieceAfterLosses(lost_[range.first + i]) != PieceAfterLosses(lost)) range.count = i;
  }
  return range;
}

Lease* LeaseTable::Slow(std::string_view worker, absl::Duration typical, absl::Duration now) {
  for (auto& [id, lease] : leases_) {
    if (lease.twin != 0 || lease.unanswered == 0 || lease.worker == worker) continue;
    if (SlowAt(lease, typical) <= now && OpenRun(lease, 1).count > 0) return &lease;
  }
  return nullptr;
}

uint32_t LeaseTable::SlowCount(absl::Duration typical, absl::Duration now) const {
  auto slow = [&](const auto& entry) {
    const Lease& lease = entry.second;
    return lease.twin == 0 && lease.unanswered > 0 && SlowAt(lease, typical) <= now;
  };
  return static_cast<uint32_t>(std::count_if(leases_.begin(), leases_.end(), slow));
}

IndexRange LeaseTable::OpenRun(const Lease& lease, uint32_t limit) const {
  IndexRange run{lease.first, 0};
  for (uint32_t i = lease.first; i < lease.first + lease.count && run.count < limit; ++i) {
    if (ledger_->open(i) && lease.Holds(i)) {
      if (run.count++ == 0) run.first = i;
    } else if (run.count > 0) {
      break;
    }
  }
  return run;
}

Lease& LeaseTable::Grant(Lease lease) {
  available_.Remove(lease.first, lease.count);
  lease.unanswered = 0;
  for (uint32_t i = lease.first; i < lease.first + lease.count; ++i) {
    if (!ledger_->decided(i)) ++lease.unanswered;
  }
  uint64_t id = lease.id;
  return leases_.insert_or_assign(id, std::move(lease)).first->second;
}

void LeaseTable::Pair(Lease& original, Lease& backup) {
  backup.backup = true;
  backup.twin = original.id;
  original.twin = backup.id;
}

Lease* LeaseTable::Find(uint64_t id) {
  auto found = leases_.find(id);
  return found == leases_.end() ? nullptr : &found->second;
}

Lease* LeaseTable::FindRequest(std::string_view worker, std::string_view request_id) {
  if (request_id.empty()) return nullptr;
  for (auto& [id, lease] : leases_) {
    if (lease.request_id == request_id && lease.worker == worker) return &lease;
  }
  return nullptr;
}

bool LeaseTable::HeldByAny(uint32_t index) const {
  return std::any_of(leases_.begin(), leases_.end(),
                     [&](const auto& entry) { return entry.second.Holds(index); });
}

void LeaseTable::Reoffer(uint32_t index) {
  if (ledger_->open(index) && !HeldByAny(index)) available_.Add(index, 1);
}

void LeaseTable::Decided(const std::vector<IndexRange>& ranges) {
  for (const IndexRange& range : ranges) available_.Remove(range.first, range.count);
  for (auto& [id, lease] : leases_) {
    for (const IndexRange& range : ranges) {
      uint32_t first = std::max(range.first, lease.first);
      uint32_t end = std::min(range.first + range.count, lease.first + lease.count);
      if (first >= end) continue;
      lease.unanswered -= end - first;
      for (uint32_t index : lease.given_up) {
        if (index >= first && index < end) ++lease.unanswered;  // counted when it was given up
      }
    }
  }
}

void LeaseTable::GiveUp(uint64_t lease_id, uint32_t index) {
  Lease* lease = Find(lease_id);
  if (lease != nullptr && lease->Holds(index)) {
    lease->given_up.push_back(index);
    --lease->unanswered;
  }
  Reoffer(index);
}

std::vector<uint32_t> LeaseTable::End(uint64_t id) {
  auto found = leases_.find(id);
  if (found == leases_.end()) return {};
  Lease lease = std::move(found->second);
  leases_.erase(found);
  if (lease.twin != 0) {
    if (Lease* twin = Find(lease.twin)) {
      twin->twin = 0;
      twin->backup = false;
    }
  }
  std::vector<uint32_t> reopened;
  for (uint32_t i = lease.first; lease.unanswered > 0 && i < lease.first + lease.count; ++i) {
    if (!ledger_->open(i) || !lease.Holds(i)) continue;
    if (lease.twin != 0 && HeldByAny(i)) continue;
    available_.Add(i, 1);
    reopened.push_back(i);
  }
  return reopened;
}

void LeaseTable::Release(uint64_t id) { End(id); }

LeaseTable::Loss LeaseTable::Lose(uint64_t id) {
  Loss loss;
  for (uint32_t index : End(id)) {
    if (lost_.empty()) lost_.resize(ledger_->count(), 0);
    if (lost_[index] < limits::kMaxLost) ++lost_[index];
    ++loss.evaluations;
    if (lost_[index] > loss.times) {
      loss.times = lost_[index];
      loss.index = index;
    }
  }
  return loss;
}

std::vector<uint64_t> LeaseTable::Expired(absl::Duration now) const {
  std::vector<uint64_t> expired;
  for (const auto& [id, lease] : leases_) {
    if (lease.expires <= now) expired.push_back(id);
  }
  return expired;
}

absl::Duration LeaseTable::NextExpiry() const {
  absl::Duration next = absl::InfiniteDuration();
  for (const auto& [id, lease] : leases_) next = std::min(next, lease.expires);
  return next;
}

absl::Duration LeaseTable::NextSlow(absl::Duration typical, absl::Duration now) const {
  absl::Duration next = absl::InfiniteDuration();
  for (const auto& [id, lease] : leases_) {
    absl::Duration slow = SlowAt(lease, typical);
    if (lease.twin == 0 && slow > now) next = std::min(next, slow);
  }
  return next;
}

std::vector<IndexRange> LeaseTable::NotNeeded(uint32_t first, uint32_t count) const {
  std::vector<IndexRange> ranges;
  for (uint32_t i = first; i < first + count; ++i) {
    if (!ledger_->decided(i)) continue;
    if (ranges.empty() || ranges.back().first + ranges.back().count != i) ranges.push_back({i, 0});
    ++ranges.back().count;
  }
  return ranges;
}

}  // namespace polystep
