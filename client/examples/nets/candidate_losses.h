// Losses of a lease's candidates: those that differ from their center in one row from the center's
// pass, all others in full; of leases of purpose SCORE over the whole validation set.
//
// All slots of a process share one: the pass of a center and a seed is made once, by the first that
// needs it, while the others wait. Thread-safe.
#ifndef POLYSTEP_CLIENT_EXAMPLES_NETS_CANDIDATE_LOSSES_H_
#define POLYSTEP_CLIENT_EXAMPLES_NETS_CANDIDATE_LOSSES_H_

#include <cstdint>
#include <deque>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/types/span.h"
#include "client/cpp/evaluation.h"
#include "client/examples/nets/evaluator.h"

namespace polystep::nets {

// The last few values of slow computations, by key.
template <typename Key, typename Value>
class Latest {
 public:
  explicit Latest(size_t kept) : kept_(kept) {}

  std::shared_ptr<const Value> Get(const Key& key,
                                   const std::function<std::shared_ptr<const Value>()>& make) {
    std::promise<std::shared_ptr<const Value>> promise;
    {
      std::unique_lock<std::mutex> lock(mutex_);
      for (const Entry& entry : entries_) {
        if (entry.key != key) continue;
        const std::shared_future<std::shared_ptr<const Value>> value = entry.value;
        lock.unlock();
        return value.get();
      }
      entries_.push_back({key, promise.get_future().share()});
      if (entries_.size() > kept_) entries_.pop_front();
    }
    std::shared_ptr<const Value> made = make();
    promise.set_value(made);
    return made;
  }

 private:
  struct Entry {
    Key key;
    std::shared_future<std::shared_ptr<const Value>> value;
  };

  const size_t kept_;
  std::mutex mutex_;  // guards entries_
  std::deque<Entry> entries_;
};

class CandidateLosses {
 public:
  // The evaluator must outlive it.
  explicit CandidateLosses(const Evaluator& evaluator) : evaluator_(evaluator) {}

  std::vector<client::EvaluationResult> Evaluate(absl::Span<const client::Candidate> candidates);
  // The score with the least loss that was evaluated here.
  std::optional<Evaluator::Score> best_score() const;

 private:
  // The candidate is `values` with this row in the place of `place`.
  struct RowCandidate {
    size_t number;
    uint64_t start;
    std::vector<float> weights;
  };
  // False if the changes are in more than one row.
  bool InOneRow(const client::Candidate& candidate, RowCandidate& row) const;
  std::shared_ptr<const Batch> BatchOf(const client::Candidate& candidate);
  std::shared_ptr<const Pass> PassOf(const client::Candidate& candidate);
  double FullLoss(const client::Candidate& candidate);
  double ScoreLoss(absl::Span<const float> values);

  const Evaluator& evaluator_;
  // By evaluation seed and step; passes by center as well.
  Latest<std::pair<uint64_t, int64_t>, Batch> batches_{4};
  Latest<std::tuple<std::string, uint64_t, int64_t>, Pass> passes_{4};
  mutable std::mutex mutex_;  // guards best_score_
  std::optional<Evaluator::Score> best_score_;
};

}  // namespace polystep::nets

#endif  // POLYSTEP_CLIENT_EXAMPLES_NETS_CANDIDATE_LOSSES_H_
