// One pool of workers for many studies: asks that name no study are served here.
//
// Every study says what it offers whenever that changes. An ask goes to the study with the fewest
// leases out among those that have work and the labels asked for, then to the one that was given a
// lease longest ago. Polls that find nothing wait, first come, first served. Publish, Remember and
// Ask are thread-safe; the rest runs on the pool's strand. No lock is held while a study or a
// callback runs.
#ifndef POLYSTEP_SERVER_ENGINE_STUDY_POOL_H_
#define POLYSTEP_SERVER_ENGINE_STUDY_POOL_H_

#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "server/base/mutex.h"
#include "server/base/strand.h"
#include "server/engine/engine.h"

namespace polystep {

struct EngineContext;
class Study;

class StudyPool {
 public:
  // `context` owns the pool; its executor and clock are set.
  explicit StudyPool(EngineContext* context);

  struct Offer {
    bool work = false;    // evaluations that nobody has
    uint32_t slow = 0;    // leases worth a backup
    uint32_t leases = 0;  // out
    std::map<std::string, std::string> labels;

    bool ready() const { return work || slow > 0; }
    bool operator==(const Offer&) const = default;
  };
  // What `study` offers from now on. By its strand, one call at a time.
  void Publish(const std::shared_ptr<Study>& study, const Offer& offer);
  void Withdraw(const std::string& uid);
  // The study has a lease of this request: a repeat of it goes there first.
  void Remember(const std::string& worker, const std::string& request_id, const std::string& uid);

  // `params.study` is kAnyStudy; the rest is checked by ValidateAsk.
  void Ask(AskParams params, std::function<bool()> cancelled, Callback<AskResult> done);

  // Answers held polls; the engine drains.
  void Drain();

 private:
  using Request = std::pair<std::string, std::string>;  // worker, request_id
  using Rank =
      std::tuple<bool, uint32_t, uint64_t, std::string>;  // lowest first; ends with the uid
  struct Entry {
    std::weak_ptr<Study> study;
    Offer offer;
    uint64_t turn = 0;  // of its last lease
    uint64_t news = 0;  // of its last offer of anything
    bool pumping = false;
  };
  struct Waiter {
    AskParams params;
    std::function<bool()> cancelled;
    Callback<AskResult> done;
    absl::Duration deadline;
    bool answered = false;
    bool held = false;            // in waiters_
    bool busy = false;            // being tried
    uint64_t seen = 0;            // news when it was last tried
    std::set<std::string> tried;  // uids, this time
    std::string pump;             // uid of the study whose news it is tried for
  };
  using WaiterPtr = std::shared_ptr<Waiter>;

  void Post(Task task);
  static Rank RankOf(const std::string& uid, const Entry& entry);
  static void Answer(Waiter& waiter, absl::StatusOr<AskResult> result);
  static bool Matches(const Waiter& waiter, const Entry& entry);
  std::shared_ptr<Study> Take(const std::string& uid, Waiter& waiter)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  std::shared_ptr<Study> NextStudy(Waiter& waiter);
  bool HasNews(const Waiter& waiter);
  void Try(const WaiterPtr& waiter);
  void TryNext(const WaiterPtr& waiter);
  void Tried(const WaiterPtr& waiter, absl::StatusOr<AskResult> result);
  void End(const WaiterPtr& waiter);  // of being tried
  void Settle(const WaiterPtr& waiter);
  void Hold(const WaiterPtr& waiter);
  void Leave(const WaiterPtr& waiter);
  void Pump(const std::string& uid);
  void ArmTimer(absl::Duration deadline);
  void OnTimer();

  EngineContext* const context_;
  Strand strand_;
  std::atomic<int> waiting_ = 0;

  Mutex mutex_;
  std::map<std::string, Entry> entries_ ABSL_GUARDED_BY(mutex_);  // by uid
  std::set<Rank> ready_ ABSL_GUARDED_BY(mutex_);
  uint64_t turns_ ABSL_GUARDED_BY(mutex_) = 0;
  uint64_t news_ ABSL_GUARDED_BY(mutex_) = 0;
  std::map<Request, std::string> remembered_ ABSL_GUARDED_BY(mutex_);  // uid
  std::deque<Request> oldest_ ABSL_GUARDED_BY(mutex_);

  // On the strand.
  std::list<WaiterPtr> waiters_;
  std::map<Request, std::vector<WaiterPtr>> trying_;  // with repeats that wait for its outcome
  absl::Duration timer_at_ = absl::InfiniteDuration();
};

}  // namespace polystep

#endif  // POLYSTEP_SERVER_ENGINE_STUDY_POOL_H_
