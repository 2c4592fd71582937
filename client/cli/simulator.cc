#include "client/cli/simulator.h"

#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <memory>
#include <stop_token>
#include <system_error>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "client/cli/loss_text.h"
#include "client/cli/npy.h"
#include "client/cli/value_text.h"

namespace polystep::cli {
namespace {

using client::EvaluationResult;
constexpr int kTemporaryFailure = 75;  // EX_TEMPFAIL of sysexits.h
constexpr size_t kMaxParametersEntry = 64 * 1024;

// The end of what was printed, as a reason.
std::string Tail(std::string_view printed) {
  constexpr size_t kMost = 150;
  absl::string_view text =
      absl::StripAsciiWhitespace(absl::string_view(printed.data(), printed.size()));
  if (text.size() > kMost) text.remove_prefix(text.size() - kMost);
  return text.empty() ? "" : absl::StrCat(": ", text);
}

bool SetPerEvaluation(absl::string_view entry) {
  for (absl::string_view name : {"PARAMETERS=", "DIR=", "SEED=", "SEED64=", "PURPOSE=", "SLOT="}) {
    if (absl::StartsWith(entry, absl::StrCat("POLYSTEP_", name))) return true;
  }
  return false;
}

// One evaluation by one process.
class OneShot {
 public:
  explicit OneShot(std::shared_ptr<SimulatorSetup> setup) : setup_(std::move(setup)) {}

  EvaluationResult operator()(const client::Candidate& candidate,
                              const client::EvaluationContext& context) const {
    absl::StatusOr<Folder> folder = setup_->scratch.Next();
    if (!folder.ok()) return EvaluationResult::CannotRun(std::string(folder.status().message()));
    for (const client::Tensor& tensor : candidate.tensors) {
      if (absl::Status status = WriteNpy(folder->path(), tensor); !status.ok()) {
        return EvaluationResult::CannotRun(std::string(status.message()));
      }
    }
    std::string json = ParametersJson(candidate.parameters);
    absl::StatusOr<std::unique_ptr<ChildProcess>> child =
        ChildProcess::Spawn(Process(candidate, context.slot, folder->path(), json));
    if (!child.ok()) return EvaluationResult::CannotRun(std::string(child.status().message()));
    (*child)->Write(json + "\n");
    (*child)->CloseInput();
    return Watch(**child, context.stop);
  }

 private:
  ChildProcess::Options Process(const client::Candidate& candidate, int slot,
                                const std::string& folder, const std::string& json) const {
    ChildProcess::Options options;
    options.path = setup_->path;
    options.arguments = {setup_->options.command[0]};
    for (size_t i = 1; i < setup_->options.command.size(); ++i) {
      options.arguments.push_back(FillIn(setup_->options.command[i], candidate.parameters));
    }
    options.environment = setup_->environment;
    for (std::string& entry : EvaluationEnvironment(candidate, slot, folder, json)) {
      options.environment.push_back(std::move(entry));
    }
    options.marker = absl::StrCat("POLYSTEP_DIR=", folder);
    return options;
  }

  EvaluationResult Watch(ChildProcess& child, const std::stop_token& stop) const {
    WakeEvent wake;
    std::stop_callback on_stop(stop, [&] { wake.Notify(); });
    ChildProcess::Time deadline = setup_->Deadline();
    ChildProcess::Event event;
    do {
      event = child.Pump(deadline, wake.fd());
    } while (event == ChildProcess::Event::kOutput);
    child.Kill();
    if (event == ChildProcess::Event::kWoken) return EvaluationResult::Abandoned();
    if (event == ChildProcess::Event::kTimedOut) return setup_->TimedOut();
    int status = child.wait_status();
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
      return setup_->Judge(status, child.errors().View());
    }
    if (std::optional<PrintedLoss> printed = LastLoss(child.output().View())) {
      return {printed->loss, printed->violation};
    }
    return setup_->Failure(absl::StrCat("no loss on standard output", Tail(child.output().View())));
  }

  std::shared_ptr<SimulatorSetup> setup_;
};

}  // namespace

absl::StatusOr<std::string> FindProgram(const std::string& program) {
  std::vector<std::string> places = {program};
  if (!absl::StrContains(program, '/')) {
    const char* path = std::getenv("PATH");
    places.clear();
    for (absl::string_view folder : absl::StrSplit(path != nullptr ? path : "/usr/bin:/bin", ':')) {
      places.push_back(absl::StrCat(folder.empty() ? "." : folder, "/", program));
    }
  }
  for (const std::string& place : places) {
    std::error_code ignored;
    bool file = std::filesystem::is_regular_file(place, ignored);
    if (file && ::access(place.c_str(), X_OK) == 0) return place;
  }
  return absl::FailedPreconditionError(
      absl::StrCat("command '", program, "' is not found or not executable"));
}

absl::StatusOr<std::shared_ptr<SimulatorSetup>> SimulatorSetup::Create(SimulatorOptions options) {
  if (options.command.empty()) return absl::InvalidArgumentError("no command after --");
  absl::StatusOr<std::string> path = FindProgram(options.command[0]);
  if (!path.ok()) return path.status();
  absl::StatusOr<ScratchFolder> scratch = ScratchFolder::Create();
  if (!scratch.ok()) return scratch.status();
  auto setup = std::make_shared<SimulatorSetup>();
  setup->options = std::move(options);
  setup->path = *std::move(path);
  setup->scratch = *std::move(scratch);
  for (char** entry = environ; *entry != nullptr; ++entry) {
    if (!SetPerEvaluation(*entry)) setup->environment.emplace_back(*entry);
  }
  return setup;
}

ChildProcess::Time SimulatorSetup::Deadline() const {
  if (!options.timeout) return ChildProcess::kNever;
  return std::chrono::steady_clock::now() + *options.timeout;
}

EvaluationResult SimulatorSetup::Failure(std::string reason) const {
  return options.retry_failures ? EvaluationResult::Transient(std::move(reason))
                                : EvaluationResult::Infeasible(std::move(reason));
}

EvaluationResult SimulatorSetup::Judge(int wait_status, std::string_view errors) const {
  std::string tail = Tail(errors);
  if (!WIFEXITED(wait_status)) {
    return Failure(absl::StrCat("killed by signal ", WTERMSIG(wait_status), tail));
  }
  int code = WEXITSTATUS(wait_status);
  std::string reason = absl::StrCat("exit code ", code, tail);
  if (code == kTemporaryFailure) return EvaluationResult::Transient(reason);
  if (code == 126 || code == 127) return EvaluationResult::CannotRun(reason);
  return Failure(reason);
}

EvaluationResult SimulatorSetup::TimedOut() const {
  double seconds = std::chrono::duration<double>(*options.timeout).count();
  return EvaluationResult::Transient(absl::StrCat("no answer within ", seconds, " s"));
}

std::vector<std::string> EvaluationEnvironment(const client::Candidate& candidate, int slot,
                                               const std::string& folder,
                                               const std::string& parameters_json) {
  std::vector<std::string> entries = {
      absl::StrCat("POLYSTEP_DIR=", folder),
      absl::StrCat("POLYSTEP_SEED=", candidate.evaluation_seed % (uint64_t{1} << 31)),
      absl::StrCat("POLYSTEP_SEED64=", candidate.evaluation_seed),
      absl::StrCat("POLYSTEP_PURPOSE=",
                   candidate.purpose == client::Purpose::kScore ? "SCORE" : "SEARCH"),
      absl::StrCat("POLYSTEP_SLOT=", slot)};
  if (parameters_json.size() < kMaxParametersEntry) {
    entries.push_back(absl::StrCat("POLYSTEP_PARAMETERS=", parameters_json));
  }
  return entries;
}

absl::StatusOr<client::Evaluator> MakeSimulator(SimulatorOptions options) {
  absl::StatusOr<std::shared_ptr<SimulatorSetup>> setup =
      SimulatorSetup::Create(std::move(options));
  if (!setup.ok()) return setup.status();
  return client::Evaluator(OneShot(*std::move(setup)));
}

}  // namespace polystep::cli
