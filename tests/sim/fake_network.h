// Calls between workers and a server that may be down: delayed, dropped both ways, delivered twice,
// out of order. Whoever calls gets exactly one answer: the first to arrive, or a timeout.
#ifndef POLYSTEP_TESTS_SIM_FAKE_NETWORK_H_
#define POLYSTEP_TESTS_SIM_FAKE_NETWORK_H_

#include <functional>
#include <memory>
#include <utility>

#include "absl/status/status.h"
#include "server/engine/engine.h"
#include "tests/sim/sim_executor.h"

namespace polystep {

class FakeNetwork {
 public:
  struct Options {
    double drop = 0.0;  // of each request and each answer
    double duplicate = 0.0;
    absl::Duration max_delay = absl::Milliseconds(1);
    absl::Duration timeout = absl::Seconds(6);  // of a call
  };

  FakeNetwork(Options options, SimExecutor* executor) : options_(options), executor_(executor) {}

  // The server that calls reach from now on; null: none listens.
  void set_engine(Engine* engine) { engine_ = engine; }

  // `call` may run several times, each on a server that is up, or never.
  template <class Response>
  void Call(std::function<void(Engine&, Callback<Response>)> call, Callback<Response> done) {
    auto pending = std::make_shared<Callback<Response>>(std::move(done));
    Deliver(call, pending);
    if (executor_->Chance(options_.duplicate)) Deliver(call, pending);
    executor_->PostAfter(options_.timeout, [pending] {
      Answer<Response>(pending, absl::DeadlineExceededError("no answer in time"));
    });
  }

 private:
  template <class Response>
  static void Answer(const std::shared_ptr<Callback<Response>>& pending,
                     absl::StatusOr<Response> response) {
    if (*pending) std::exchange(*pending, nullptr)(std::move(response));
  }

  template <class Response>
  void Deliver(std::function<void(Engine&, Callback<Response>)> call,
               std::shared_ptr<Callback<Response>> pending) {
    if (executor_->Chance(options_.drop)) return;
    auto answer = [this, pending](absl::StatusOr<Response> response) {
      if (executor_->Chance(options_.drop)) return;
      executor_->PostAfter(Delay(), [pending, response = std::move(response)]() mutable {
        Answer<Response>(pending, std::move(response));
      });
    };
    executor_->PostAfter(Delay(), [this, call = std::move(call), answer]() mutable {
      if (engine_ == nullptr) return answer(absl::UnavailableError("connection refused"));
      call(*engine_, answer);
    });
  }

  absl::Duration Delay() {
    // Now and then one is far behind the others.
    double slow = executor_->Chance(0.02) ? 50.0 : 1.0;
    return options_.max_delay * absl::ToDoubleSeconds(executor_->Between(0.0, slow));
  }

  Options options_;
  SimExecutor* executor_;
  Engine* engine_ = nullptr;
};

}  // namespace polystep

#endif  // POLYSTEP_TESTS_SIM_FAKE_NETWORK_H_
