#include "tests/bench/throughput/raw_echo.h"

#include <grpcpp/generic/async_generic_service.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "server/base/check.h"

namespace polystep::bench {
namespace {

constexpr char kMethod[] = "/polystep.bench.Echo/Call";
constexpr int kMostBytes = 8 << 20;

grpc::ByteBuffer Bytes(const std::string& text) {
  grpc::Slice slice(text);
  return {&slice, 1};
}

// Reads a request, whose first eight bytes say how many are wanted back, and answers it.
class EchoReactor : public grpc::ServerGenericBidiReactor {
 public:
  EchoReactor() { StartRead(&request_); }

  void OnReadDone(bool ok) override {
    if (!ok) return Finish(grpc::Status::CANCELLED);
    std::vector<grpc::Slice> slices;
    Check(request_.Dump(&slices).ok(), "cannot read a request");
    uint64_t wanted = 0;
    std::memcpy(&wanted, slices.front().begin(), std::min(sizeof(wanted), slices.front().size()));
    response_ = Bytes(std::string(wanted, 'x'));
    StartWriteAndFinish(&response_, {}, grpc::Status::OK);
  }
  void OnDone() override { delete this; }

 private:
  grpc::ByteBuffer request_, response_;
};

class EchoService : public grpc::CallbackGenericService {
  grpc::ServerGenericBidiReactor* CreateReactor(grpc::GenericCallbackServerContext*) override {
    return new EchoReactor;
  }
};

[[noreturn]] void Serve(int output) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  EchoService service;
  int port = 0;
  grpc::ServerBuilder builder;
  builder.SetMaxReceiveMessageSize(kMostBytes);
  builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
  builder.RegisterCallbackGenericService(&service);
  std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
  Check(server != nullptr && ::write(output, &port, sizeof(port)) == sizeof(port),
        "the echo cannot listen");
  server->Wait();
  ::_exit(0);
}

// One call after the other on a connection of its own, as a worker would have.
class EchoCaller {
 public:
  explicit EchoCaller(const std::string& address) {
    grpc::ChannelArguments arguments;
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    arguments.SetMaxReceiveMessageSize(kMostBytes);
    stub_ = std::make_unique<grpc::GenericStub>(
        grpc::CreateCustomChannel(address, grpc::InsecureChannelCredentials(), arguments));
  }

  void Call(const std::string& request) {
    grpc::ClientContext context;
    const grpc::ByteBuffer out = Bytes(request);
    grpc::ByteBuffer in;
    absl::Notification done;
    grpc::Status status;
    stub_->UnaryCall(&context, kMethod, {}, &out, &in, [&](grpc::Status result) {
      status = std::move(result);
      done.Notify();
    });
    done.WaitForNotification();
    Check(status.ok(), "an echo failed");
  }

 private:
  std::unique_ptr<grpc::GenericStub> stub_;
};

}  // namespace

RawEcho::RawEcho() {
  int ends[2];
  Check(::pipe(ends) == 0, "no pipe");
  pid_ = ::fork();
  Check(pid_ >= 0, "cannot fork");
  if (pid_ == 0) Serve(ends[1]);
  ::close(ends[1]);
  output_ = ends[0];
  int port = 0;
  Check(::read(output_, &port, sizeof(port)) == sizeof(port), "the echo did not start");
  address_ = absl::StrCat("127.0.0.1:", port);
}

RawEcho::~RawEcho() {
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
  ::close(output_);
}

Traffic RawEcho::Run(const Call& call, int callers, absl::Duration duration) const {
  std::string request(std::max<uint64_t>(call.bytes_out, sizeof(call.bytes_in)), 'x');
  std::memcpy(request.data(), &call.bytes_in, sizeof(call.bytes_in));
  std::vector<std::unique_ptr<EchoCaller>> connections;
  for (int i = 0; i < callers; ++i) {
    connections.push_back(std::make_unique<EchoCaller>(address_));
    connections.back()->Call(request);
  }
  return RunCallers(callers, duration, [&](int caller) -> CallResult {
    connections[static_cast<size_t>(caller)]->Call(request);
    return {call.losses, request.size(), call.bytes_in};
  });
}

}  // namespace polystep::bench
