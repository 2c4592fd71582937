// gRPC's callback reactors over the calls of this folder. Included by the service files alone:
// grpcpp is slow to compile. Every reactor deletes itself when gRPC is done with it.
#ifndef POLYSTEP_SERVER_RPC_REACTORS_H_
#define POLYSTEP_SERVER_RPC_REACTORS_H_

#include <grpcpp/grpcpp.h>

#include <atomic>
#include <memory>
#include <optional>
#include <utility>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "server/rpc/call.h"
#include "server/rpc/grpc_status.h"

namespace polystep {

inline absl::Duration TimeLeft(const grpc::CallbackServerContext& context) {
  if (context.deadline() == std::chrono::system_clock::time_point::max()) {
    return absl::InfiniteDuration();
  }
  return absl::FromChrono(context.deadline()) - absl::Now();
}

class UnaryReactor : public grpc::ServerUnaryReactor {
 public:
  // True once the caller has gone; outlives the reactor.
  std::shared_ptr<std::atomic<bool>> cancelled = std::make_shared<std::atomic<bool>>(false);

  void OnCancel() override { cancelled->store(true, std::memory_order_relaxed); }
  void OnDone() override { delete this; }
};

// Runs `method` of `calls`; its answer goes to `response`.
template <class Calls, class Request, class Response>
grpc::ServerUnaryReactor* RunUnary(
    Calls* calls, void (Calls::*method)(const Call&, const Request&, Callback<Response>),
    grpc::CallbackServerContext* context, const Request* request, Response* response) {
  auto* reactor = new UnaryReactor;
  Call call;
  call.time_left = TimeLeft(*context);
  call.cancelled = [cancelled = reactor->cancelled] {
    return cancelled->load(std::memory_order_relaxed);
  };
  (calls->*method)(call, *request, [reactor, response](absl::StatusOr<Response> result) {
    if (result.ok()) *response = *std::move(result);
    reactor->Finish(ToGrpcStatus(result.status()));
  });
  return reactor;
}

// Writes the messages of a source one after the other.
template <class Message>
class StreamReactor : public grpc::ServerWriteReactor<Message> {
 public:
  explicit StreamReactor(std::shared_ptr<MessageSource<Message>> source)
      : source_(std::move(source)) {
    WriteNext();
  }

  void OnWriteDone(bool ok) override {
    if (ok) return WriteNext();
    this->Finish(grpc::Status(grpc::StatusCode::CANCELLED, "the reader has gone"));
  }
  void OnCancel() override { source_->Cancel(); }
  void OnDone() override {
    source_->Cancel();
    delete this;
  }

 private:
  void WriteNext() {
    source_->Next([this](absl::StatusOr<std::optional<Message>> next) {
      if (!next.ok()) return this->Finish(ToGrpcStatus(next.status()));
      if (!next->has_value()) return this->Finish(grpc::Status::OK);
      message_ = **std::move(next);
      this->StartWrite(&message_);
    });
  }

  const std::shared_ptr<MessageSource<Message>> source_;
  Message message_;
};

// Answers a client stream at once.
template <class Message>
class RefusedReads : public grpc::ServerReadReactor<Message> {
 public:
  explicit RefusedReads(const absl::Status& status) { this->Finish(ToGrpcStatus(status)); }
  void OnDone() override { delete this; }
};

template <class Message>
class RefusedWrites : public grpc::ServerWriteReactor<Message> {
 public:
  explicit RefusedWrites(const absl::Status& status) { this->Finish(ToGrpcStatus(status)); }
  void OnDone() override { delete this; }
};

}  // namespace polystep

#endif  // POLYSTEP_SERVER_RPC_REACTORS_H_
