// Message sources that the streaming calls share.
#ifndef POLYSTEP_SERVER_RPC_SOURCES_H_
#define POLYSTEP_SERVER_RPC_SOURCES_H_

#include <memory>
#include <optional>
#include <utility>

#include "absl/functional/any_invocable.h"
#include "server/rpc/call.h"

namespace polystep {

// A stream that is refused.
template <class Message>
class FailedSource : public MessageSource<Message> {
 public:
  explicit FailedSource(absl::Status status) : status_(std::move(status)) {}
  void Next(Callback<std::optional<Message>> done) override { done(status_); }
  void Cancel() override {}

 private:
  const absl::Status status_;
};

// Asks the engine for a View at the first Next, then cuts it into messages: Chunks is made of a
// View and has `bool Next(Message&)`. Next runs one at a time, so nothing here needs a lock; the
// engine answers at once, so a cancel is seen at the next write.
template <class Message, class View, class Chunks>
class ChunkSource : public MessageSource<Message>,
                    public std::enable_shared_from_this<ChunkSource<Message, View, Chunks>> {
 public:
  using Fetch = absl::AnyInvocable<void(Callback<View>)>;
  explicit ChunkSource(Fetch fetch) : fetch_(std::move(fetch)) {}

  void Next(Callback<std::optional<Message>> done) override {
    if (chunks_) return Send(std::move(done));
    fetch_([self = this->shared_from_this(),
            done = std::move(done)](absl::StatusOr<View> view) mutable {
      if (!view.ok()) return done(view.status());
      self->chunks_.emplace(*std::move(view));
      self->Send(std::move(done));
    });
  }
  void Cancel() override {}

 private:
  void Send(Callback<std::optional<Message>> done) {
    Message chunk;
    if (!chunks_->Next(chunk)) return done(std::optional<Message>());
    done(std::optional<Message>(std::move(chunk)));
  }

  Fetch fetch_;
  std::optional<Chunks> chunks_;
};

}  // namespace polystep

#endif  // POLYSTEP_SERVER_RPC_SOURCES_H_
