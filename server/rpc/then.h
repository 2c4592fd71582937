// Chains a conversion in front of a callback; errors pass through.
#ifndef POLYSTEP_SERVER_RPC_THEN_H_
#define POLYSTEP_SERVER_RPC_THEN_H_

#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/engine/engine.h"

namespace polystep {

// A callback that runs `done` with convert(value). Usable once, on any thread.
template <class Convert, class To>
auto Then(Convert convert, Callback<To> done) {
  return [convert = std::move(convert), done = std::move(done)](auto result) mutable {
    if (!result.ok()) return done(result.status());
    done(convert(*result));
  };
}

}  // namespace polystep

#endif  // POLYSTEP_SERVER_RPC_THEN_H_
