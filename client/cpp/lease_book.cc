#include "client/cpp/lease_book.h"

#include <algorithm>

namespace polystep::client {
namespace {

LeaseBook::Clock::duration ToSteady(const google::protobuf::Duration& duration) {
  return std::chrono::seconds(duration.seconds()) + std::chrono::nanoseconds(duration.nanos());
}

}  // namespace

void LeaseBook::Add(v1::Lease lease, Clock::time_point now,
                    std::shared_ptr<const LeaseChanges> changes,
                    std::shared_ptr<const LeaseDecoder> decoder) {
  for (const auto& [id, held] : leases_) {
    if (held.lease->token() == lease.token()) return;  // a retried Ask: the lease is here already
  }
  Held held;
  held.added = held.heartbeat = now;
  held.ttl = ToSteady(lease.ttl());
  held.unwanted.resize(lease.count());
  held.changes = std::move(changes);
  held.decoder = std::move(decoder);
  held.lease = std::make_shared<const v1::Lease>(std::move(lease));
  leases_.emplace(next_id_++, std::move(held));
}

std::optional<LeaseBook::Work> LeaseBook::Start(uint32_t max_count, uint32_t shares) {
  const uint32_t most = std::min(max_count, (unstarted() + shares - 1) / shares);
  for (auto& [id, held] : leases_) {
    uint32_t last = held.lease->count();
    if (held.next == last) continue;
    Work work;
    work.lease_id = id;
    work.lease = held.lease;
    work.changes = held.changes;
    work.decoder = held.decoder;
    work.offset = held.next;
    while (held.next < last && work.count < most && !held.unwanted[held.next]) {
      ++held.next;
      ++work.count;
    }
    held.running.emplace(work.offset, std::make_pair(work.count, work.stop));
    SkipUnwanted(held);
    return work;
  }
  return std::nullopt;
}

void LeaseBook::Finish(const Work& work, std::vector<EvaluationResult> results,
                       Clock::time_point now) {
  auto found = leases_.find(work.lease_id);
  if (found == leases_.end()) return;
  Held& held = found->second;
  held.running.erase(work.offset);
  const uint32_t first_index = held.lease->first_index() + work.offset;
  const auto unwanted = held.unwanted.begin() + work.offset;
  const auto wanted = static_cast<size_t>(std::count(unwanted, unwanted + work.count, false));
  if (held.answers.empty()) held.oldest_answer = now;
  for (uint32_t i = 0; wanted < work.count && i < work.count; ++i) {
    if (unwanted[i]) results[i].kind = EvaluationResult::Kind::kAbandoned;
  }
  const size_t left_out = held.answers.Add(first_index, std::move(results));
  held.abandoned = held.abandoned || left_out > work.count - wanted;
  EraseIfDone(work.lease_id);
}

LeaseBook::Clock::time_point LeaseBook::TellTime(const Held& held) const {
  if (held.telling || held.answers.empty()) return Clock::time_point::max();
  if (held.answered() || held.answers.size() >= options_.tell_batch) return held.oldest_answer;
  return held.oldest_answer + options_.tell_interval;
}

std::optional<LeaseBook::Batch> LeaseBook::TakeTell(Clock::time_point now, bool flush) {
  for (auto& [id, held] : leases_) {
    bool possible = !held.telling && !held.answers.empty();
    if (!possible || !(flush || TellTime(held) <= now)) continue;
    Batch batch;
    batch.lease_id = id;
    batch.request.set_study(held.lease->study());
    batch.request.set_token(held.lease->token());
    batch.request.set_step(held.lease->step());
    held.answers.TakeInto(options_.tell_batch, batch.request);
    held.telling = true;
    return batch;
  }
  return std::nullopt;
}

void LeaseBook::Told(uint64_t lease_id, const v1::TellResponse& response, Clock::time_point now) {
  auto found = leases_.find(lease_id);
  if (found == leases_.end()) return;
  Held& held = found->second;
  held.telling = false;
  held.heartbeat = now;
  if (held.lease->step() < response.committed_step()) {  // nothing of it is open any more
    Forget(lease_id);
    return;
  }
  if (response.has_ttl() && ToSteady(response.ttl()).count() > 0)
    held.ttl = ToSteady(response.ttl());
  for (const v1::IndexRange& range : response.not_needed()) MarkUnwanted(held, range);
  EraseIfDone(lease_id);
}

void LeaseBook::Drop(uint64_t lease_id) { Forget(lease_id); }

LeaseBook::Tokens LeaseBook::TakeRenewals(Clock::time_point now) {
  constexpr size_t kMost = 1024;  // tokens in a request
  Tokens tokens;
  for (auto& [id, held] : leases_) {
    if (now - held.heartbeat < held.ttl / 3) continue;
    std::vector<std::string>& of_study = tokens[held.lease->study()];
    if (of_study.size() == kMost) continue;
    held.heartbeat = now;
    of_study.push_back(held.lease->token());
  }
  return tokens;
}

void LeaseBook::Renewed(const std::string& token, const v1::Renewal& renewal) {
  for (auto& [id, held] : leases_) {
    if (held.lease->token() != token) continue;
    // An expired lease goes on: its answers count while the index is open.
    for (const v1::IndexRange& range : renewal.not_needed()) MarkUnwanted(held, range);
    EraseIfDone(id);
    return;
  }
}

LeaseBook::Tokens LeaseBook::TakeIdle(Clock::time_point now) {
  Tokens tokens;
  for (auto held = leases_.begin(); held != leases_.end();) {
    bool idle = !held->second.started() && now - held->second.added >= options_.idle_hold;
    const v1::Lease& lease = *held->second.lease;
    if (idle) tokens[lease.study()].push_back(lease.token());
    held = idle ? leases_.erase(held) : std::next(held);
  }
  return tokens;
}

LeaseBook::Tokens LeaseBook::TakeAll() {
  Tokens tokens;
  for (auto held = leases_.begin(); held != leases_.end();) {
    bool pending = !held->second.answers.empty();
    const v1::Lease& lease = *held->second.lease;
    if (!pending) tokens[lease.study()].push_back(lease.token());
    held = pending ? std::next(held) : leases_.erase(held);
  }
  return tokens;
}

LeaseBook::Clock::time_point LeaseBook::NextDue() const {
  Clock::time_point due = Clock::time_point::max();
  for (const auto& [id, held] : leases_) {
    due = std::min(due, held.heartbeat + held.ttl / 3);
    if (!held.started()) due = std::min(due, held.added + options_.idle_hold);
    due = std::min(due, TellTime(held));
  }
  return due;
}

uint32_t LeaseBook::unstarted() const {
  uint32_t total = 0;
  for (const auto& [id, held] : leases_) total += held.lease->count() - held.next;
  return total;
}

void LeaseBook::StopRunning() {
  for (auto& [id, held] : leases_) {
    for (auto& [offset, work] : held.running) work.second.request_stop();
  }
}

void LeaseBook::MarkUnwanted(Held& held, const v1::IndexRange& range) {
  uint32_t first = held.lease->first_index();
  uint64_t end = uint64_t{range.first_index()} + range.count();
  for (uint32_t offset = 0; offset < held.lease->count(); ++offset) {
    uint64_t index = uint64_t{first} + offset;
    if (index < range.first_index() || index >= end) continue;
    held.unwanted[offset] = true;
  }
  held.answers.Erase(range.first_index(), range.count());
  for (auto& [offset, work] : held.running) {
    auto begin = held.unwanted.begin() + offset;
    if (std::all_of(begin, begin + work.first, [](bool unwanted) { return unwanted; })) {
      work.second.request_stop();
    }
  }
  SkipUnwanted(held);
}

void LeaseBook::SkipUnwanted(Held& held) {
  while (held.next < held.lease->count() && held.unwanted[held.next]) ++held.next;
}

void LeaseBook::Forget(uint64_t lease_id) {
  auto found = leases_.find(lease_id);
  if (found == leases_.end()) return;
  for (auto& [offset, work] : found->second.running) work.second.request_stop();
  leases_.erase(found);
}

void LeaseBook::EraseIfDone(uint64_t lease_id) {
  auto found = leases_.find(lease_id);
  const Held& held = found->second;
  if (held.answered() && held.answers.empty() && !held.telling && !held.abandoned)
    leases_.erase(found);
}

}  // namespace polystep::client
