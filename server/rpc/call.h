// What a handler knows of the call around its request, without gRPC's types.
#ifndef POLYSTEP_SERVER_RPC_CALL_H_
#define POLYSTEP_SERVER_RPC_CALL_H_

#include <functional>
#include <optional>

#include "absl/time/time.h"
#include "server/engine/engine.h"

namespace polystep {

struct Call {
  absl::Duration time_left = absl::InfiniteDuration();     // until the caller's deadline
  std::function<bool()> cancelled = [] { return false; };  // any thread, also after the answer
};

// The messages of a server stream, pulled one at a time. Thread-safe.
template <class Message>
class MessageSource {
 public:
  virtual ~MessageSource() = default;
  // Calls `done` once, now or later: the next message, nothing at the end, or the error that ended
  // the stream. Not before the `done` of the call before.
  virtual void Next(Callback<std::optional<Message>> done) = 0;
  // Answers a waiting Next, and all later ones, with CANCELLED.
  virtual void Cancel() = 0;
};

// Takes the messages of a client stream, one at a time.
template <class Request, class Response>
class MessageSink {
 public:
  virtual ~MessageSink() = default;
  // An error ends the stream with it.
  virtual absl::Status Add(const Request& request) = 0;
  // After the last message; calls `done` once, now or later. The sink may go before that.
  virtual void Finish(Callback<Response> done) = 0;
};

}  // namespace polystep

#endif  // POLYSTEP_SERVER_RPC_CALL_H_
