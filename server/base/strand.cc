#include "server/base/strand.h"

#include <deque>
#include <utility>

#include "server/base/mutex.h"

namespace polystep {
namespace {

// After so many tasks in a row the strand goes to the back of the executor's queue, so that a busy
// study does not starve the others.
constexpr int kTasksPerTurn = 16;
// Likewise, on a thread that brought a task: enough for what that task posts.
constexpr int kTasksPerDispatch = 4;

}  // namespace

struct Strand::State {
  explicit State(Executor* executor) : executor(executor) {}

  Executor* const executor;
  Mutex mutex;
  std::deque<Task> tasks ABSL_GUARDED_BY(mutex);
  bool has_turn ABSL_GUARDED_BY(mutex) = false;  // a Turn is queued or running

  // Queues the task; true if the caller has to see to a Turn.
  bool Add(Task task) {
    MutexLock lock(mutex);
    tasks.push_back(std::move(task));
    return !std::exchange(has_turn, true);
  }
};

// One visit of the strand to the executor. If the executor drops it, the queued tasks go with it:
// otherwise a task that owns its own strand would keep both alive for ever.
class Strand::Turn {
 public:
  explicit Turn(std::shared_ptr<State> state) : state_(std::move(state)) {}
  Turn(Turn&&) = default;
  Turn& operator=(Turn&&) = delete;
  ~Turn() {
    if (state_ == nullptr) return;
    std::deque<Task> dropped;
    MutexLock lock(state_->mutex);
    dropped.swap(state_->tasks);
    state_->has_turn = false;
  }

  void operator()() { Run(kTasksPerTurn); }

  void Run(int tasks) {
    for (int i = 0; i < tasks; ++i) {
      if (!RunOne()) {
        state_ = nullptr;
        return;
      }
    }
    Executor* executor = state_->executor;
    executor->Post(Turn(std::move(state_)));
  }

 private:
  // False if there was nothing to run; the turn is then over.
  bool RunOne() {
    Task task;
    {
      MutexLock lock(state_->mutex);
      if (state_->tasks.empty()) {
        state_->has_turn = false;
        return false;
      }
      task = std::move(state_->tasks.front());
      state_->tasks.pop_front();
    }
    std::move(task)();
    return true;
  }

  std::shared_ptr<State> state_;
};

Strand::Strand(Executor* executor) : state_(std::make_shared<State>(executor)) {}

void Strand::Post(Task task) {
  std::shared_ptr<State> state = state_;  // the posted task may destroy this strand at once
  if (!state->Add(std::move(task))) return;
  Executor* executor = state->executor;
  executor->Post(Turn(std::move(state)));
}

void Strand::Dispatch(Task task) {
  if (!state_->executor->MayRunHere()) return Post(std::move(task));
  std::shared_ptr<State> state = state_;  // the task may destroy this strand
  if (state->Add(std::move(task))) Turn(std::move(state)).Run(kTasksPerDispatch);
}

}  // namespace polystep
