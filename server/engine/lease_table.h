// Who evaluates what of the open step: ranges to offer, leases outstanding, losses of leases.
//
// Volatile: a restart begins with an empty table and offers what the ledger has undecided. An open
// index is either available or held by at least one lease. Times are monotonic. Not thread-safe:
// belongs to its study's strand.
#ifndef POLYSTEP_SERVER_ENGINE_LEASE_TABLE_H_
#define POLYSTEP_SERVER_ENGINE_LEASE_TABLE_H_

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/time/time.h"
#include "core/search/search.h"
#include "server/engine/engine.h"
#include "server/engine/lease_sizing.h"
#include "server/engine/ledger.h"
#include "server/engine/range_set.h"

namespace polystep {

struct Lease {
  uint64_t id = 0;
  std::string worker, request_id, token;
  Encoding encoding = Encoding::kNamed;
  uint32_t first = 0, count = 0;
  uint32_t unanswered = 0;         // of its range, by anyone
  uint32_t answered = 0;           // by its own tells
  std::vector<uint32_t> given_up;  // reported as transient failures: no longer its own
  absl::Duration granted;
  absl::Duration expires;  // changed by SetExpiry alone
  absl::Duration latest;   // no renewal goes beyond: the cap on slow evaluations
  absl::Duration ttl;
  absl::Duration slow_at = absl::InfiniteDuration();  // when it is clearly slow, if that is known
  uint64_t twin = 0;  // the backup of this lease, or what this is a backup of
  bool backup = false;
  bool journaled = false;

  bool Holds(uint32_t index) const;
};

class LeaseTable {
 public:
  // Everything the ledger has open is available. `ledger` outlives the table.
  LeaseTable(const StepPlan& plan, const Ledger* ledger);

  bool has_available() const { return !available_.empty(); }
  uint32_t available() const { return available_.size(); }
  size_t outstanding() const { return leases_.size(); }

  // The next range to hand out, at most `limit` long, inside one segment and smaller where leases
  // were lost. has_available().
  IndexRange Next(uint32_t limit) const;
  // Says when leases are slow that were granted while nothing was known of the study's evaluations.
  void Expect(const TypicalTimes& typical);
  // Takes note of the leases that have become slow.
  void PassTime(absl::Duration now);
  // The oldest of them that has no backup and belongs to someone else.
  Lease* Slow(std::string_view worker);
  // Leases that Slow finds for someone, up to their open runs.
  uint32_t slow_count() const { return static_cast<uint32_t>(slow_.size()); }
  // The first run of its open indices, at most `limit` long.
  IndexRange OpenRun(const Lease& lease, uint32_t limit) const;
  void SetExpiry(Lease& lease, absl::Duration expires);
  // Takes the range out of what is available. `lease.id` is new.
  Lease& Grant(Lease lease);
  void Pair(Lease& original, Lease& backup);
  // Offers what is open of the lease from `end` on to others; its worker's answers count all the
  // same.
  void Cut(Lease& lease, uint32_t end);

  Lease* Find(uint64_t id);
  Lease* FindRequest(std::string_view worker, std::string_view request_id);

  // An answer for the range is being committed: it is not offered meanwhile.
  void Withhold(uint32_t first, uint32_t count) { available_.Remove(first, count); }
  // The commit was refused.
  void Reoffer(uint32_t index);
  void Decided(const std::vector<IndexRange>& ranges);
  // The lease reported a transient failure of `index`; others may try.
  void GiveUp(uint64_t lease_id, uint32_t index);

  // What is open of the lease is offered again, without any mark.
  void Release(uint64_t id);
  // Likewise, but counted. Returns the index with the most losses, and their number.
  struct Loss {
    uint32_t evaluations = 0;
    uint32_t index = 0;
    uint32_t times = 0;
  };
  Loss Lose(uint64_t id);
  void ForgetLosses() { lost_.clear(); }

  std::vector<uint64_t> Expired(absl::Duration now) const;
  // Earliest expiry; InfiniteDuration() without leases.
  absl::Duration NextExpiry() const;
  // When the next lease becomes slow of which PassTime has taken no note.
  absl::Duration NextSlow() const;

  // Parts of [first, first + count) that need no evaluation any more.
  std::vector<IndexRange> NotNeeded(uint32_t first, uint32_t count) const;

 private:
  // Leases by a time.
  using Times = std::set<std::pair<absl::Duration, uint64_t>>;
  using Request = std::pair<std::string, std::string>;  // worker, request_id
  // Calls `visit(lease)` for the leases that share an index with the range.
  template <class Visit>
  void ForEachIn(const IndexRange& range, Visit visit);
  // Whether it is among those that are, or become, slow follows its twin and what is unanswered.
  void Watch(const Lease& lease);
  void Unwatch(const Lease& lease);
  std::vector<uint32_t> End(uint64_t id);
  bool HeldByAny(uint32_t index);
  uint32_t LostTimes(uint32_t index) const { return lost_.empty() ? 0 : lost_[index]; }

  std::vector<IndexRange> segments_;
  const Ledger* ledger_;
  RangeSet available_;
  std::map<uint64_t, Lease> leases_;  // by id: in the order of granting
  absl::flat_hash_map<Request, uint64_t> by_request_;
  std::set<std::pair<uint32_t, uint64_t>> by_first_;
  uint32_t longest_ = 0;  // lease so far
  Times expiries_;
  Times slow_times_;               // of leases that are not slow yet, as far as known
  std::set<uint64_t> slow_;        // without a backup
  std::vector<uint64_t> unknown_;  // of which nobody can tell yet when they are slow
  std::vector<uint8_t> lost_;      // times each index was lost; empty: never any
};

}  // namespace polystep

#endif  // POLYSTEP_SERVER_ENGINE_LEASE_TABLE_H_
