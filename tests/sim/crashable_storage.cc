#include "tests/sim/crashable_storage.h"

#include <algorithm>
#include <set>
#include <type_traits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace polystep {
namespace {

// Empty for what belongs to no study.
template <class M>
std::string UidOf(const M& mutation) {
  if constexpr (std::is_same_v<M, PutStudy>) {
    return mutation.study.uid;
  } else if constexpr (std::is_same_v<M, PutTensor> || std::is_same_v<M, EraseTensor>) {
    return "";
  } else {
    return mutation.uid;
  }
}

absl::Status Unknown(std::string_view uid) {
  return absl::NotFoundError(absl::StrCat("no study has uid ", std::string(uid)));
}

}  // namespace

CrashableStorage::CrashableStorage(Options options, Executor* executor)
    : options_(options), executor_(executor), random_(options.seed) {}

void CrashableStorage::Commit(std::vector<Mutation> mutations, Done done) {
  {
    MutexLock lock(mutex_);
    if (queue_.size() < options_.max_queued_units) {
      queue_.push_back({std::move(mutations), std::move(done), absl::OkStatus()});
      if (group_.empty()) BeginGroup();
      return;
    }
  }
  executor_->Post([done = std::move(done), limit = options_.max_queued_units]() mutable {
    done(absl::ResourceExhaustedError(
        absl::StrCat("the store's queue is full: at most ", limit, " units")));
  });
}

void CrashableStorage::BeginGroup() {
  group_.assign(std::make_move_iterator(queue_.begin()), std::make_move_iterator(queue_.end()));
  queue_.clear();
  executor_->PostAfter(NextDelay(), [this, epoch = epoch_] { MakeDurable(epoch); });
}

void CrashableStorage::MakeDurable(uint64_t epoch) {
  MutexLock lock(mutex_);
  if (epoch != epoch_) return;
  for (Unit& unit : group_) {
    unit.result = failure_.ok() ? Check(unit.mutations) : failure_;
    if (!unit.result.ok()) continue;
    for (Mutation& mutation : unit.mutations) Apply(std::move(mutation));
  }
  executor_->PostAfter(NextDelay(), [this, epoch] { Acknowledge(epoch); });
}

void CrashableStorage::Acknowledge(uint64_t epoch) {
  std::vector<Unit> group;
  {
    MutexLock lock(mutex_);
    if (epoch != epoch_) return;
    group.swap(group_);
    if (!queue_.empty()) BeginGroup();
  }
  for (Unit& unit : group) {
    {
      MutexLock lock(mutex_);
      if (epoch != epoch_) return;  // a callback before this one crashed the store
    }
    unit.done(std::move(unit.result));
  }
}

absl::Status CrashableStorage::Check(const std::vector<Mutation>& mutations) {
  std::map<std::string, std::string> id_of;  // by uid, as it would be after each mutation
  for (const auto& [uid, study] : studies_) id_of[uid] = study.record.id;
  for (const Mutation& mutation : mutations) {
    const std::string uid = std::visit([](const auto& m) { return UidOf(m); }, mutation);
    if (uid.empty()) continue;
    if (const auto* put = std::get_if<PutStudy>(&mutation)) {
      for (const auto& [other, id] : id_of) {
        if (other != uid && id == put->study.id) {
          return absl::AlreadyExistsError(absl::StrCat("study ", id, " exists"));
        }
      }
      id_of[uid] = put->study.id;
    } else if (!id_of.contains(uid)) {
      return Unknown(uid);
    } else if (std::holds_alternative<EraseStudy>(mutation)) {
      id_of.erase(uid);
    }
  }
  return absl::OkStatus();
}

void CrashableStorage::Apply(Mutation mutation) {
  if (auto* put_study = std::get_if<PutStudy>(&mutation)) {
    std::string uid = put_study->study.uid;
    studies_[uid].record = std::move(put_study->study);
  } else if (auto* erase = std::get_if<EraseStudy>(&mutation)) {
    studies_.erase(erase->uid);
  } else if (auto* append = std::get_if<AppendAnswers>(&mutation)) {
    studies_[append->uid].answers.push_back(std::move(append->answers));
  } else if (auto* put_step = std::get_if<PutStep>(&mutation)) {
    int64_t step = put_step->step.step;
    studies_[put_step->uid].steps[step] = std::move(put_step->step);
  } else if (auto* put_snapshot = std::get_if<PutSnapshot>(&mutation)) {
    studies_[put_snapshot->uid].snapshot = std::move(put_snapshot->snapshot);
  } else if (auto* put_tensor = std::get_if<PutTensor>(&mutation)) {
    Tensor& tensor = tensors_[put_tensor->tensor.id];
    tensor.record = std::move(put_tensor->tensor);
    if (!put_tensor->parts.empty()) tensor.values = absl::StrJoin(put_tensor->parts, "");
  } else if (auto* erase_tensor = std::get_if<EraseTensor>(&mutation)) {
    tensors_.erase(erase_tensor->id);
  }
}

absl::StatusOr<std::vector<StudyRecord>> CrashableStorage::Studies() {
  MutexLock lock(mutex_);
  std::vector<StudyRecord> records;
  for (const auto& [uid, study] : studies_) records.push_back(study.record);
  return records;
}

absl::StatusOr<StudyHistory> CrashableStorage::History(std::string_view uid) {
  MutexLock lock(mutex_);
  auto found = studies_.find(uid);
  if (found == studies_.end()) return Unknown(uid);
  const Study& study = found->second;
  StudyHistory history;
  history.snapshot = study.snapshot;
  int64_t first = study.snapshot ? study.snapshot->step : 0;
  for (const AnswerRecord& answers : study.answers) {
    if (answers.step >= first) history.answers.push_back(answers);
  }
  std::stable_sort(history.answers.begin(), history.answers.end(),
                   [](const AnswerRecord& a, const AnswerRecord& b) { return a.step < b.step; });
  for (auto step = study.steps.lower_bound(first); step != study.steps.end(); ++step) {
    history.steps.push_back(step->second);
  }
  return history;
}

absl::StatusOr<std::vector<StepRecord>> CrashableStorage::Steps(std::string_view uid,
                                                                int64_t first_step, int limit) {
  MutexLock lock(mutex_);
  auto found = studies_.find(uid);
  if (found == studies_.end()) return Unknown(uid);
  const std::map<int64_t, StepRecord>& all = found->second.steps;
  std::vector<StepRecord> steps;
  for (auto step = all.lower_bound(first_step);
       step != all.end() && steps.size() < static_cast<size_t>(std::max(limit, 0)); ++step) {
    steps.push_back(step->second);
  }
  return steps;
}

absl::StatusOr<std::vector<TensorRecord>> CrashableStorage::Tensors() {
  MutexLock lock(mutex_);
  std::vector<TensorRecord> records;
  for (const auto& [id, tensor] : tensors_) records.push_back(tensor.record);
  return records;
}

absl::StatusOr<std::string> CrashableStorage::TensorValues(std::string_view id) {
  MutexLock lock(mutex_);
  auto found = tensors_.find(id);
  if (found != tensors_.end()) return found->second.values;
  return absl::NotFoundError(absl::StrCat("no tensor has id ", std::string(id)));
}

absl::StatusOr<std::string> CrashableStorage::Secret() { return std::string(32, 's'); }

void CrashableStorage::Crash() {
  std::deque<Unit> queue;
  std::vector<Unit> group;  // destroyed after the lock: what callbacks own may call back
  MutexLock lock(mutex_);
  queue.swap(queue_);
  group.swap(group_);
  failure_ = absl::OkStatus();
  ++epoch_;
}

void CrashableStorage::Fail(absl::Status status) {
  MutexLock lock(mutex_);
  failure_ = std::move(status);
}

absl::Duration CrashableStorage::NextDelay() {
  random_ += 0x9e3779b97f4a7c15ULL;  // SplitMix64
  uint64_t z = random_;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
  z ^= z >> 31;
  return options_.max_delay * (static_cast<double>(z >> 11) * 0x1.0p-53);
}

}  // namespace polystep
