// gRPC's callback reactors over the calls of this folder, on bytes: so that a request that does not
// parse is answered by us. Included by the service files alone: grpcpp is slow to compile. Every
// reactor deletes itself when gRPC is done with it.
#ifndef POLYSTEP_SERVER_RPC_REACTORS_H_
#define POLYSTEP_SERVER_RPC_REACTORS_H_

#include <grpcpp/grpcpp.h>

#include <atomic>
#include <memory>
#include <optional>
#include <utility>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "core/base/field_error.h"
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

 private:
  // Neither of the two blocks or takes a lock, so gRPC need not wake another thread for them.
  bool InternalInlineable() override { return true; }
};

// INVALID_ARGUMENT where the bytes are no such message; gRPC itself would answer UNIMPLEMENTED. A
// string that is not UTF-8 is such a case.
template <class Message>
absl::StatusOr<Message> Parse(grpc::ByteBuffer bytes) {
  Message message;
  if (grpc::SerializationTraits<Message>::Deserialize(&bytes, &message).ok()) return message;
  return FieldError("request",
                    "is no " + message.GetTypeName() +
                        ": the bytes do not parse, or a string in them is not valid UTF-8");
}

template <class Message>
grpc::ByteBuffer Serialize(const Message& message) {
  grpc::ByteBuffer bytes;
  bool own = false;
  grpc::SerializationTraits<Message>::Serialize(message, &bytes, &own);
  return bytes;
}

// Runs `method` of `calls`; its answer goes to `response`.
template <class Calls, class Request, class Response>
grpc::ServerUnaryReactor* RunUnary(grpc::CallbackServerContext* context,
                                   const grpc::ByteBuffer* request, grpc::ByteBuffer* response,
                                   Calls* calls,
                                   void (Calls::*method)(const Call&, const Request&,
                                                         Callback<Response>)) {
  auto* reactor = new UnaryReactor;
  absl::StatusOr<Request> parsed = Parse<Request>(*request);
  if (!parsed.ok()) {
    reactor->Finish(ToGrpcStatus(parsed.status()));
    return reactor;
  }
  Call call;
  call.time_left = TimeLeft(*context);
  call.cancelled = [cancelled = reactor->cancelled] {
    return cancelled->load(std::memory_order_relaxed);
  };
  (calls->*method)(call, *parsed, [reactor, response](absl::StatusOr<Response> result) {
    if (result.ok()) *response = Serialize(*result);
    reactor->Finish(ToGrpcStatus(result.status()));
  });
  return reactor;
}

// Answers a stream at once.
class RefusedReads : public grpc::ServerReadReactor<grpc::ByteBuffer> {
 public:
  explicit RefusedReads(const absl::Status& status) { this->Finish(ToGrpcStatus(status)); }
  void OnDone() override { delete this; }
};

class RefusedWrites : public grpc::ServerWriteReactor<grpc::ByteBuffer> {
 public:
  explicit RefusedWrites(const absl::Status& status) { this->Finish(ToGrpcStatus(status)); }
  void OnDone() override { delete this; }
};

// Writes the messages of a source one after the other.
template <class Message>
class StreamReactor : public grpc::ServerWriteReactor<grpc::ByteBuffer> {
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
      bytes_ = Serialize(**next);
      this->StartWrite(&bytes_);
    });
  }

  const std::shared_ptr<MessageSource<Message>> source_;
  grpc::ByteBuffer bytes_;
};

// Runs `method` of `calls` and writes what it answers.
template <class Calls, class Request, class Message>
grpc::ServerWriteReactor<grpc::ByteBuffer>* RunStream(
    const grpc::ByteBuffer* request, Calls* calls,
    std::shared_ptr<MessageSource<Message>> (Calls::*method)(const Request&)) {
  absl::StatusOr<Request> parsed = Parse<Request>(*request);
  if (!parsed.ok()) return new RefusedWrites(parsed.status());
  return new StreamReactor<Message>((calls->*method)(*parsed));
}

// Reads the messages of a client stream into a sink and answers what it says in the end.
template <class Request, class Response>
class SinkReactor : public grpc::ServerReadReactor<grpc::ByteBuffer> {
 public:
  SinkReactor(std::unique_ptr<MessageSink<Request, Response>> sink, grpc::ByteBuffer* response)
      : sink_(std::move(sink)), response_(response) {
    this->StartRead(&bytes_);
  }

  void OnReadDone(bool ok) override {
    if (!ok) return End();
    absl::StatusOr<Request> request = Parse<Request>(std::move(bytes_));
    absl::Status status = request.ok() ? sink_->Add(*request) : request.status();
    if (!status.ok()) return this->Finish(ToGrpcStatus(status));
    bytes_.Clear();
    this->StartRead(&bytes_);
  }
  void OnDone() override { delete this; }

 private:
  // The stream is over, or broke: what came may be less than the caller meant, which is the sink's
  // to see.
  void End() {
    sink_->Finish([this](absl::StatusOr<Response> result) {
      if (result.ok()) *response_ = Serialize(*result);
      this->Finish(ToGrpcStatus(result.status()));
    });
  }

  const std::unique_ptr<MessageSink<Request, Response>> sink_;
  grpc::ByteBuffer* const response_;
  grpc::ByteBuffer bytes_;
};

}  // namespace polystep

#endif  // POLYSTEP_SERVER_RPC_REACTORS_H_
