#include "server/app/embedded.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "server/app/assembly.h"
#include "server/app/listen_address.h"

namespace polystep {
namespace {

class InProcessServer final : public EmbeddedServer {
 public:
  explicit InProcessServer(std::unique_ptr<Assembly> assembly)
      : assembly_(std::move(assembly)), address_(assembly_->address()) {}
  ~InProcessServer() override { Shutdown(absl::ZeroDuration()); }

  const std::string& address() const override { return address_; }

  void Shutdown(absl::Duration grace) override {
    if (assembly_ == nullptr) return;
    auto wait = [](absl::Duration time) {
      absl::SleepFor(time);
      return false;
    };
    // What failed to become durable is known to whoever told it: that call got the error.
    assembly_->Drain(grace, wait).IgnoreError();
    assembly_ = nullptr;
  }

 private:
  std::unique_ptr<Assembly> assembly_;
  const std::string address_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<EmbeddedServer>> EmbeddedServer::Start(Options options) {
  absl::StatusOr<ListenAddress> address = ParseListenAddress(options.listen);
  if (!address.ok()) return address.status();
  if (!IsLoopback(*address)) {
    return absl::InvalidArgumentError(
        absl::StrCat("an embedded server listens on loopback only, not on ", options.listen));
  }
  Assembly::Options assembly;
  assembly.listen = options.listen;
  assembly.data = options.data;
  auto started = Assembly::Start(std::move(assembly));
  if (!started.ok()) return started.status();
  return std::make_unique<InProcessServer>(*std::move(started));
}

}  // namespace polystep
