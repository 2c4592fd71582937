// The server program: options, then serve until a signal, then drain.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <mutex>
#include <optional>
#include <string>

#include "absl/strings/str_cat.h"
#include "server/app/assembly.h"
#include "server/app/health_command.h"
#include "server/app/log.h"
#include "server/app/process_tuning.h"
#include "server/app/server_options.h"
#include "server/app/stop_signals.h"

namespace polystep {
namespace {

constexpr int kExitFailed = 1;
constexpr int kExitUsage = 2;

struct CommandLine {
  ServerOptions options;
  bool check_config = false;
  std::string health_server = "127.0.0.1:50051";
  double health_timeout_s = 5;
};

CLI::App* AddOptions(CLI::App& app, CommandLine& line) {
  ServerOptions& options = line.options;
  // The last one counts: a container's entry point may already give some.
  app.option_defaults()->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
  app.add_option("--listen", options.listen, "HOST:PORT to serve; port 0: any free port")
      ->envname("POLYSTEP_LISTEN")
      ->capture_default_str();
  app.add_option("--data", options.data, "folder of the store; created if missing")
      ->envname("POLYSTEP_DATA")
      ->capture_default_str();
  app.add_flag("--insecure", options.insecure,
               "serve other machines, without TLS and authentication")
      ->envname("POLYSTEP_INSECURE");
  app.add_option("--threads", options.threads, "threads of the engine; 0: one per core")
      ->envname("POLYSTEP_THREADS")
      ->capture_default_str();
  app.add_option("--max-studies", options.max_studies, "studies the server holds")
      ->envname("POLYSTEP_MAX_STUDIES")
      ->capture_default_str();
  app.add_option("--max-waiters", options.max_waiters, "asks that may wait for work at one time")
      ->envname("POLYSTEP_MAX_WAITERS")
      ->capture_default_str();
  app.add_option("--drain-seconds", options.drain_seconds,
                 "longest time for losses on their way when the server stops")
      ->envname("POLYSTEP_DRAIN_SECONDS")
      ->capture_default_str();
  app.add_option("--log-level", options.log_level, "debug, info, warn or error")
      ->envname("POLYSTEP_LOG_LEVEL")
      ->check(CLI::IsMember({"debug", "info", "warn", "error"}))
      ->capture_default_str();
  app.add_option("--log-format", options.log_format, "text or json")
      ->envname("POLYSTEP_LOG_FORMAT")
      ->check(CLI::IsMember({"text", "json"}))
      ->capture_default_str();
  app.add_flag("--check-config", line.check_config, "check the options and exit");
  CLI::App* health = app.add_subcommand("health", "ask a server how it is: 0 serving, 1 not");
  health->add_option("--server", line.health_server, "HOST:PORT")
      ->envname("POLYSTEP_SERVER")
      ->capture_default_str();
  health->add_option("--timeout", line.health_timeout_s, "seconds")->capture_default_str();
  return health;
}

int RunHealth(const CommandLine& line) {
  absl::Status status = CheckHealth(line.health_server, absl::Seconds(line.health_timeout_s));
  std::fprintf(status.ok() ? stdout : stderr, "%s\n",
               status.ok() ? "SERVING" : std::string(status.message()).c_str());
  return status.ok() ? 0 : kExitFailed;
}

// The first failure of the store, from its thread to the main one.
class Failure {
 public:
  void Set(absl::Status status) {
    std::lock_guard<std::mutex> lock(mutex_);
    if (!status_) status_ = std::move(status);
  }
  std::optional<absl::Status> Get() {
    std::lock_guard<std::mutex> lock(mutex_);
    return status_;
  }

 private:
  std::mutex mutex_;
  std::optional<absl::Status> status_;
};

int Serve(const ServerOptions& options) {
  StopSignals signals;
  Failure failure;
  Log(LogLevel::kInfo,
      absl::StrCat("polystepd ", POLYSTEP_VERSION, " starting: ", DescribeOptions(options)));
  Assembly::Options assembly;
  assembly.listen = options.listen;
  assembly.data = options.data;
  assembly.threads = options.threads;
  assembly.max_studies = options.max_studies;
  assembly.max_waiters = options.max_waiters;
  assembly.log = [](std::string message) { Log(LogLevel::kInfo, message); };
  assembly.on_storage_failure = [&](absl::Status status) {
    failure.Set(std::move(status));
    signals.Notify();
  };
  auto server = Assembly::Start(std::move(assembly));
  if (!server.ok()) {
    Log(LogLevel::kError, absl::StrCat("cannot start: ", server.status().ToString()));
    return kExitFailed;
  }
  std::printf("polystepd listening on %s\n", (*server)->address().c_str());
  std::fflush(stdout);
  signals.Wait(absl::InfiniteDuration());
  if (auto status = failure.Get()) {
    Log(LogLevel::kError, absl::StrCat("the store failed, stopping: ", status->ToString()));
    (*server)->Abort();
    return kExitFailed;
  }
  Log(LogLevel::kInfo, "draining: no new leases, losses are still accepted");
  absl::Status drained =
      (*server)->Drain(absl::Seconds(options.drain_seconds),
                       [&signals](absl::Duration time) { return signals.Wait(time); });
  if (!drained.ok()) {
    Log(LogLevel::kError, absl::StrCat("stopped, but the drain failed: ", drained.ToString()));
    return kExitFailed;
  }
  Log(LogLevel::kInfo, "stopped; everything is durable");
  return 0;
}

int Main(int argc, char** argv) {
  CommandLine line;
  CLI::App app("PolyStep server: studies are optimized here and evaluated by workers elsewhere.");
  app.set_version_flag("--version", absl::StrCat("polystepd ", POLYSTEP_VERSION));
  CLI::App* health = AddOptions(app, line);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : kExitUsage;
  }
  if (health->parsed()) return RunHealth(line);
  absl::Status valid = ValidateOptions(line.options);
  if (!valid.ok()) {
    std::fprintf(stderr, "polystepd: %s\n", std::string(valid.message()).c_str());
    return kExitUsage;
  }
  if (line.check_config) {
    std::printf("%s\n", DescribeOptions(line.options).c_str());
    return 0;
  }
  StartLog(line.options.log_level, line.options.log_format);
  return Serve(line.options);
}

}  // namespace
}  // namespace polystep

int main(int argc, char** argv) {
  polystep::TuneProcess();
  return polystep::Main(argc, argv);
}
