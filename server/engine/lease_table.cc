#include "server/engine/lease_table.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/engine/limits.h"

namespace polystep {
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

void LeaseTable::Watch(const Lease& lease) {
  if (lease.twin != 0 || lease.unanswered == 0) return;
  if (lease.slow_at == absl::InfiniteDuration()) {
    unknown_.push_back(lease.id);
  } else {
    slow_times_.emplace(lease.slow_at, lease.id);
  }
}

void LeaseTable::Unwatch(const Lease& lease) {
  slow_times_.erase({lease.slow_at, lease.id});
  slow_.erase(lease.id);
}

void LeaseTable::Expect(const TypicalTimes& typical) {
  if (unknown_.empty() || typical.evaluation <= absl::ZeroDuration()) return;
  for (uint64_t id : std::exchange(unknown_, {})) {
    Lease* lease = Find(id);
    if (lease == nullptr) continue;
    lease->slow_at = lease->granted + SlowAfter(lease->count, typical);
    Watch(*lease);
  }
}

void LeaseTable::PassTime(absl::Duration now) {
  while (!slow_times_.empty() && slow_times_.begin()->first <= now) {
    slow_.insert(slow_times_.begin()->second);
    slow_times_.erase(slow_times_.begin());
  }
}

Lease* LeaseTable::Slow(std::string_view worker) {
  for (uint64_t id : slow_) {
    Lease& lease = leases_.at(id);
    if (lease.worker != worker && OpenRun(lease, 1).count > 0) return &lease;
  }
  return nullptr;
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
  Lease& granted = leases_.insert_or_assign(id, std::move(lease)).first->second;
  if (!granted.request_id.empty()) by_request_[Request(granted.worker, granted.request_id)] = id;
  by_first_.emplace(granted.first, id);
  longest_ = std::max(longest_, granted.count);
  expiries_.emplace(granted.expires, id);
  Watch(granted);
  return granted;
}

void LeaseTable::Pair(Lease& original, Lease& backup) {
  backup.backup = true;
  backup.twin = original.id;
  original.twin = backup.id;
  Unwatch(original);
  Unwatch(backup);
}

void LeaseTable::Cut(Lease& lease, uint32_t end) {
  const uint32_t before = lease.first + lease.count;
  for (uint32_t i = end; i < before; ++i) {
    if (!ledger_->decided(i) && lease.Holds(i)) --lease.unanswered;
  }
  lease.count = std::min(lease.count, end - lease.first);
  for (uint32_t i = end; i < before; ++i) Reoffer(i);
}

Lease* LeaseTable::Find(uint64_t id) {
  auto found = leases_.find(id);
  return found == leases_.end() ? nullptr : &found->second;
}

Lease* LeaseTable::FindRequest(std::string_view worker, std::string_view request_id) {
  if (request_id.empty()) return nullptr;
  auto found = by_request_.find(Request(worker, request_id));
  return found == by_request_.end() ? nullptr : Find(found->second);
}

void LeaseTable::SetExpiry(Lease& lease, absl::Duration expires) {
  expiries_.erase({lease.expires, lease.id});
  lease.expires = expires;
  expiries_.emplace(expires, lease.id);
}

template <class Visit>
void LeaseTable::ForEachIn(const IndexRange& range, Visit visit) {
  const uint32_t from = range.first - std::min(range.first, longest_);
  for (auto place = by_first_.lower_bound({from, 0});
       place != by_first_.end() && place->first < range.first + range.count; ++place) {
    Lease& lease = leases_.at(place->second);
    if (lease.first + lease.count > range.first) visit(lease);
  }
}

bool LeaseTable::HeldByAny(uint32_t index) {
  bool held = false;
  ForEachIn({index, 1}, [&](const Lease& lease) { held = held || lease.Holds(index); });
  return held;
}

void LeaseTable::Reoffer(uint32_t index) {
  if (ledger_->open(index) && !HeldByAny(index)) available_.Add(index, 1);
}

void LeaseTable::Decided(const std::vector<IndexRange>& ranges) {
  for (const IndexRange& range : ranges) {
    available_.Remove(range.first, range.count);
    ForEachIn(range, [&](Lease& lease) {
      uint32_t first = std::max(range.first, lease.first);
      uint32_t end = std::min(range.first + range.count, lease.first + lease.count);
      lease.unanswered -= end - first;
      for (uint32_t index : lease.given_up) {
        if (index >= first && index < end) ++lease.unanswered;  // counted when it was given up
      }
      if (lease.unanswered == 0) Unwatch(lease);
    });
  }
}

void LeaseTable::GiveUp(uint64_t lease_id, uint32_t index) {
  Lease* lease = Find(lease_id);
  if (lease != nullptr && lease->Holds(index)) {
    lease->given_up.push_back(index);
    if (--lease->unanswered == 0) Unwatch(*lease);
  }
  Reoffer(index);
}

std::vector<uint32_t> LeaseTable::End(uint64_t id) {
  auto found = leases_.find(id);
  if (found == leases_.end()) return {};
  Lease lease = std::move(found->second);
  leases_.erase(found);
  Unwatch(lease);
  by_first_.erase({lease.first, id});
  expiries_.erase({lease.expires, id});
  auto request = by_request_.find(Request(lease.worker, lease.request_id));
  if (request != by_request_.end() && request->second == id) by_request_.erase(request);
  if (lease.twin != 0) {
    if (Lease* twin = Find(lease.twin)) {
      twin->twin = 0;
      twin->backup = false;
      Watch(*twin);
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
  for (const auto& [expires, id] : expiries_) {
    if (expires > now) break;
    expired.push_back(id);
  }
  return expired;
}

absl::Duration LeaseTable::NextExpiry() const {
  return expiries_.empty() ? absl::InfiniteDuration() : expiries_.begin()->first;
}

absl::Duration LeaseTable::NextSlow() const {
  return slow_times_.empty() ? absl::InfiniteDuration() : slow_times_.begin()->first;
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
