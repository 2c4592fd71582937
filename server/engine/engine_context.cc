#include "server/engine/engine_context.h"

#include "absl/strings/str_cat.h"
#include "server/engine/status.h"

namespace polystep {

absl::Status EngineContext::AddWaiter() {
  if (waiters.fetch_add(1) < options.max_waiters) return absl::OkStatus();
  --waiters;
  return WithRetryDelay(WithReason(absl::ResourceExhaustedError(absl::StrCat(
                                       options.max_waiters, " long polls are held, no more are")),
                                   reason::kTooManyWaiters),
                        absl::Seconds(1));
}

}  // namespace polystep
