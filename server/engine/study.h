// One study, alive: a strand around its trajectory, its leases, its waiters and its watchers.
//
// Public calls may come from any thread; they post to the strand and answer through their callback,
// on an executor thread. Everything private runs on the strand, so there is no mutex. What decides
// the trajectory is in Trajectory, who evaluates in LeaseTable; this class owns the write path
// (decide, commit, apply, answer) and time. Sources: study.cc (control), study_steps.cc (closing
// and opening), study_ask.cc, study_leases.cc, study_told.cc, study_tell.cc,
// study_watch.cc, study_recovery.cc.
#ifndef POLYSTEP_SERVER_ENGINE_STUDY_H_
#define POLYSTEP_SERVER_ENGINE_STUDY_H_

#include <atomic>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "server/base/strand.h"
#include "server/engine/center_store.h"
#include "server/engine/engine.h"
#include "server/engine/engine_context.h"
#include "server/engine/lease_table.h"
#include "server/engine/records.h"
#include "server/engine/study_pool.h"
#include "server/engine/trajectory.h"
#include "server/engine/worker_table.h"

namespace polystep {

class Study : public std::enable_shared_from_this<Study> {
 public:
  // A study before its first step. Start() sets it going.
  Study(std::shared_ptr<EngineContext> context, std::string uid, std::string id, StudyEntry entry,
        Trajectory trajectory);

  // From its records: DATA_LOSS, naming the study and the step, where the replay does not give the
  // stored digests. A study of an unknown revision comes back as one that refuses its calls.
  static absl::StatusOr<std::shared_ptr<Study>> Recover(std::shared_ptr<EngineContext> context,
                                                        const StudyRecord& record,
                                                        const StudyHistory& history);

  const std::string& id() const { return id_; }
  const std::string& uid() const { return uid_; }
  // Constant after construction.
  const StudySpec& requested() const { return requested_; }
  const std::string& request_id() const { return request_id_; }
  StudyRecord Record() const { return {uid_, id_, EncodeStudyEntry(entry_)}; }  // before Start
  StudyView View() const;  // before Start, or on the strand

  void Start();

  void Get(Callback<StudyView> done);
  void Update(UpdateStudyParams params, Callback<StudyView> done);
  void Pause(Callback<StudyView> done);
  void Resume(Callback<StudyView> done);
  void Stop(Callback<StudyView> done);
  void Delete(std::string etag, Callback<std::monostate> done);
  void ListSteps(int64_t first_step, int limit, Callback<std::vector<StepRow>> done);
  void GetSolution(Engine::SolutionKind kind, Callback<Engine::SolutionView> done);
  void GetCenter(std::string id, std::string known_id, Callback<CenterView> done);
  void Watch(int64_t after_step, std::function<bool()> cancelled, Engine::Watcher update);

  void Ask(AskParams params, std::function<bool()> cancelled, Callback<AskResult> done);
  void Tell(TellParams params, std::function<bool()> cancelled, Callback<TellResult> done);
  void Renew(std::vector<std::string> tokens, Callback<std::vector<RenewResult>> done);
  void Release(std::vector<std::string> tokens, Callback<std::monostate> done);

  // Answers held polls and makes everything durable, with a snapshot.
  void Drain(absl::AnyInvocable<void(absl::Status)> done);

 private:
  // --- study_recovery.cc ------------------------------------------------------------------------
  // A study that refuses its calls.
  Study(std::shared_ptr<EngineContext> context, const StudyRecord& record, StudyEntry entry,
        std::shared_ptr<const SearchSpace> space, absl::Status refusal);

  // --- study.cc: the strand and control ---------------------------------------------------------
  struct Control {
    // Changes a copy of the entry and says what the log gets; false: nothing to do.
    absl::AnyInvocable<absl::StatusOr<bool>(StudyEntry&, std::vector<LogEntry>&)> decide;
    absl::AnyInvocable<void(absl::Status)> done;
    bool erase = false;
  };
  Task Guarded(Task task);
  void Post(Task task);
  // For calls of workers: runs `task` here if the study is idle and its steps are short.
  void Dispatch(Task task);
  absl::Status Gate() const;  // why the study takes no calls
  absl::Status CheckEtag(const std::string& etag) const;
  std::string Etag() const;
  void Submit(Control control);
  void ChangeState(StudyState to, Callback<StudyView> done);
  // Answers with the study as the change left it.
  absl::AnyInvocable<void(absl::Status)> ViewAfter(Callback<StudyView> done);
  void RunControls();
  void CommitControl(Control control, StudyEntry next, std::vector<LogEntry> log);
  void ApplyControl(Control& control, StudyEntry next, const std::vector<LogEntry>& log);
  void ApplyErased();
  absl::StatusOr<bool> DecideResume(StudyEntry& next, std::vector<LogEntry>& log) const;
  absl::StatusOr<bool> DecideUpdate(const UpdateStudyParams& params, StudyEntry& next,
                                    std::vector<LogEntry>& log) const;
  void PauseBecause(std::string reason);
  void Touch(StudyEntry& entry) const;  // a mutation: etag, times
  absl::Duration ActiveTime() const;
  absl::Duration Monotonic() const { return context_->clock->Monotonic(); }

  // --- study_steps.cc: closing, opening, what is derived ----------------------------------------
  struct Derived {
    std::vector<StepRow> rows;
    bool study = false;
    bool snapshot = false;
    bool empty() const { return rows.empty() && !study && !snapshot; }
  };
  void Advance();
  void CloseStep();
  bool OpenStep();
  void Finish(std::string reason);
  bool MaxTimeReached() const;
  bool SnapshotDue() const;
  void FlushDerived();
  std::vector<Mutation> DerivedMutations(const Derived& derived);
  void DerivedDone(Derived derived, const absl::Status& status);
  void SettleDerived();
  void StoreFailed(const absl::Status& status);
  absl::Status CommitFailed(absl::Status status);  // what the caller gets
  void PublishOffer();                             // to the pool of workers of any study
  void ArmTimer();
  void OnTimer();
  absl::Duration NextDeadline() const;

  // --- study_ask.cc -----------------------------------------------------------------------------
  struct Waiter {
    AskParams params;
    std::function<bool()> cancelled;
    Callback<AskResult> done;
    absl::Duration deadline;
  };
  // How candidates of the present step are written.
  absl::StatusOr<Encoding> ChooseEncoding(const AskParams& params) const;
  bool CanEncode(Encoding encoding) const;
  absl::Status NoEncoding() const;
  absl::Status CheckAsk(const AskParams& params) const;
  uint64_t CandidateBytes(Encoding encoding) const;
  uint64_t HeadBytes(Encoding encoding) const;
  absl::StatusOr<uint32_t> ByteLimit(const AskParams& params, Encoding encoding) const;
  void HandleAsk(AskParams params, std::function<bool()> cancelled, Callback<AskResult> done);
  AskResult NoLease() const;
  // The worker fails what others do not: no lease for a while.
  bool Paused(Waiter& waiter);
  bool Hold(Waiter waiter);
  // True if the waiter was answered.
  bool Serve(Waiter& waiter);
  static void AddCenter(const AskParams& params, LeaseGrant& lease);
  // Takes note of slow leases; the timer sees to it when one has become slow.
  void ServeWaiters();
  void AnswerWaiters(const absl::Status& status);  // all of them: OK means without a lease
  void ExpireWaiters();
  void DropGoneWaiters();
  using Waiters = std::map<uint64_t, Waiter>;          // in the order of asking
  Waiters::iterator Forget(Waiters::iterator waiter);  // returns the next

  // --- study_leases.cc --------------------------------------------------------------------------
  absl::StatusOr<std::optional<LeaseGrant>> TryGrant(const AskParams& params);
  IndexRange NextRange(Encoding encoding, uint32_t size, uint32_t most);
  Lease& GrantRange(const AskParams& params, Encoding encoding, IndexRange range);
  void SignToken(Lease& lease) const;
  void SetTimes(Lease& lease) const;  // as if granted now
  // Leases that outlive a restart: their range is not offered again meanwhile.
  void Journal(Lease& lease);
  void JournalEnd(uint64_t id);
  void RestoreLease(const LongLease& journaled);
  LeaseGrant Describe(const Lease& lease);
  BlockChanges Changes(const Lease& lease);
  FrameCandidates Frames(const Lease& lease);
  const Segment& SegmentOf(uint32_t index) const;  // of the open step
  void ExpireLeases();
  void NoteLoss(const LeaseTable::Loss& loss);

  // --- study_told.cc ----------------------------------------------------------------------------
  // A tell as checked, before anything is decided.
  struct Told {
    TokenFields token;
    Answers answers;  // everything in it
    std::string failure;
    bool current = false;  // of the open step of a study that takes answers
  };
  absl::StatusOr<TokenFields> CheckToken(const std::string& token);
  absl::StatusOr<std::string> DigestBefore(int64_t step);
  absl::StatusOr<Told> CheckTell(const TellParams& params);
  absl::Status ReadSlice(const LossSlice& slice, Told& told) const;
  absl::Status AddLoss(uint32_t index, double loss, double violation, Told& told) const;

  // --- study_tell.cc ----------------------------------------------------------------------------
  class Bringer;
  void HandleTell(TellParams params, std::shared_ptr<Bringer> bringer,
                  std::function<bool()> cancelled, Callback<TellResult> done);
  Answers Decide(const Told& told, TellResult& result);
  void ApplyTell(const Told& told, const Answers& answers, TellResult& result);
  void RevertTell(const Told& told, const Answers& answers);
  void AfterTell(const Told& told, const Answers& answers, bool release_rest, TellResult& result);
  void JudgeWorker(const Lease& lease, const Answers& answers);
  void RespondTell(TellResult result, std::optional<AskParams> next,
                   std::function<bool()> cancelled, Callback<TellResult> done);
  RenewResult RenewOne(const TokenFields& token);

  // --- study_watch.cc ---------------------------------------------------------------------------
  struct WatchState {
    int64_t next_step = 0;
    std::function<bool()> cancelled;
    Engine::Watcher update;
    bool told_state = false;  // of the present state
  };
  absl::StatusOr<std::vector<StepRow>> Rows(int64_t first_step, int limit);
  void Remember(const StepRow& row);
  void NotifyWatchers();
  bool NotifyOne(WatchState& watch);
  void StateChanged();

  std::shared_ptr<EngineContext> context_;
  Strand strand_;
  std::atomic<bool> long_steps_ = false;  // the last one took a while to close
  const std::string uid_;
  const std::string id_;
  const StudySpec requested_;
  const std::string request_id_;
  absl::Status refusal_;  // of every call but Get, List and Delete; constant

  StudyEntry entry_;
  std::optional<Trajectory> trajectory_;  // absent: the study is refused
  std::shared_ptr<const SearchSpace> space_;
  SoftCounters counters_;
  std::string last_failure_;
  absl::Duration active_since_;
  bool deleting_ = false;

  std::deque<Control> controls_;
  bool control_in_flight_ = false;

  Derived derived_;  // not yet given to the store
  int derived_in_flight_ = 0;
  bool wait_for_derived_ = false;  // a step without evaluations: go on when its record is durable
  uint64_t log_bytes_ = 0;         // of answers since the last snapshot
  uint64_t snapshot_bytes_ = 0;
  absl::Duration snapshot_time_;
  std::vector<absl::AnyInvocable<void(absl::Status)>> drains_;

  std::optional<LeaseTable> leases_;  // of the open step
  CenterStore centers_;
  WorkerTable workers_;
  uint64_t next_lease_id_;
  Waiters waiters_;
  uint64_t next_waiter_ = 0;
  std::set<std::pair<absl::Duration, uint64_t>> waiter_deadlines_;
  StudyPool::Offer offer_;    // as published
  absl::Duration last_call_;  // of a worker
  absl::Duration timer_at_ = absl::InfiniteDuration();

  std::deque<StepRow> recent_;  // the last closed steps
  std::vector<WatchState> watches_;
};

}  // namespace polystep

#endif  // POLYSTEP_SERVER_ENGINE_STUDY_H_
