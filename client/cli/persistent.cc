#include "client/cli/persistent.h"

#include <sys/wait.h>

#include <memory>
#include <optional>
#include <stop_token>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "client/cli/loss_text.h"
#include "client/cli/npy.h"
#include "client/cli/value_text.h"
#include "nlohmann/json.hpp"

namespace polystep::cli {
namespace {

using client::EvaluationResult;
using Json = nlohmann::ordered_json;

class PersistentSlot {
 public:
  explicit PersistentSlot(std::shared_ptr<SimulatorSetup> setup) : setup_(std::move(setup)) {}

  EvaluationResult Evaluate(const client::Candidate& candidate,
                            const client::EvaluationContext& context) {
    WakeEvent wake;
    std::stop_callback on_stop(context.stop, [&] { wake.Notify(); });
    while (true) {
      absl::Status status = EnsureRunning(context.slot, wake.fd());
      absl::StatusOr<std::string> line = status.ok() ? Line(candidate) : status;
      if (!line.ok()) return EvaluationResult::CannotRun(std::string(line.status().message()));
      child_->output().Consume(child_->output().View().size());  // said after its last answer
      child_->Write(*line);
      std::optional<EvaluationResult> result = Answer(wake.fd());
      if (result && result->kind == EvaluationResult::Kind::kLoss) {
        ++answers_;
        return *result;
      }
      child_.reset();
      if (result) return *result;
    }
  }

 private:
  absl::Status EnsureRunning(int slot, int wake) {
    auto now = std::chrono::steady_clock::now();
    if (child_ && child_->Pump(now, wake) != ChildProcess::Event::kExited) return absl::OkStatus();
    child_.reset();
    absl::StatusOr<Folder> folder = setup_->scratch.Next();
    if (!folder.ok()) return folder.status();
    folder_ = *std::move(folder);
    ChildProcess::Options options;
    options.path = setup_->path;
    options.arguments = setup_->options.command;
    options.environment = setup_->environment;
    options.marker = absl::StrCat("POLYSTEP_DIR=", folder_.path());
    options.environment.push_back(options.marker);
    options.environment.push_back(absl::StrCat("POLYSTEP_SLOT=", slot));
    absl::StatusOr<std::unique_ptr<ChildProcess>> child = ChildProcess::Spawn(options);
    if (!child.ok()) return child.status();
    child_ = *std::move(child);
    answers_ = 0;
    return absl::OkStatus();
  }

  absl::StatusOr<std::string> Line(const client::Candidate& candidate) const {
    Json line;
    line["parameters"] = Json::parse(ParametersJson(candidate.parameters));
    line["seed"] = candidate.evaluation_seed % (uint64_t{1} << 31);
    line["seed64"] = std::to_string(candidate.evaluation_seed);
    line["purpose"] = candidate.purpose == client::Purpose::kScore ? "SCORE" : "SEARCH";
    for (const client::Tensor& tensor : candidate.tensors) {
      if (absl::Status status = WriteNpy(folder_.path(), tensor); !status.ok()) return status;
      line["tensors"][tensor.name] = absl::StrCat(folder_.path(), "/", NpyName(tensor.name));
    }
    return line.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
  }

  // Absent if a process that had answered before ended well instead: it was on its way out when
  // the line came, and another one gets it.
  std::optional<EvaluationResult> Answer(int wake) {
    ChildProcess::Time deadline = setup_->Deadline();
    while (true) {
      if (std::optional<EvaluationResult> answer = NextLine()) return answer;
      switch (child_->Pump(deadline, wake)) {
        case ChildProcess::Event::kOutput:
          break;
        case ChildProcess::Event::kWoken:
          return EvaluationResult::Abandoned();
        case ChildProcess::Event::kTimedOut:
          return setup_->TimedOut();
        case ChildProcess::Event::kExited:
          if (std::optional<EvaluationResult> answer = NextLine()) return answer;
          if (answers_ > 0 && child_->wait_status() == 0) return std::nullopt;
          return setup_->Judge(child_->wait_status(), child_->errors().View());
      }
    }
  }

  // The answer in the first complete line that is not empty.
  std::optional<EvaluationResult> NextLine() {
    constexpr size_t kLongest = 1 << 20;
    while (true) {
      std::string_view text = child_->output().View();
      size_t newline = text.find('\n');
      if (newline == std::string_view::npos) {
        if (text.size() < kLongest) return std::nullopt;
        return setup_->Failure("a line of over 1 MiB instead of an answer");
      }
      std::string line(text.substr(0, newline));
      child_->output().Consume(newline + 1);
      if (line.find_first_not_of(" \t\r") == std::string::npos) continue;
      if (std::optional<PrintedLoss> printed = LossOfLine(line)) {
        return EvaluationResult(printed->loss, printed->violation);
      }
      return setup_->Failure(absl::StrCat("not an answer: ", line.substr(0, 150)));
    }
  }

  std::shared_ptr<SimulatorSetup> setup_;
  Folder folder_;
  std::unique_ptr<ChildProcess> child_;
  int64_t answers_ = 0;  // of this process
};

}  // namespace

absl::StatusOr<client::Evaluator> MakePersistentSimulator(SimulatorOptions options, int slots) {
  absl::StatusOr<std::shared_ptr<SimulatorSetup>> setup =
      SimulatorSetup::Create(std::move(options));
  if (!setup.ok()) return setup.status();
  auto processes = std::make_shared<std::vector<PersistentSlot>>();
  for (int slot = 0; slot < slots; ++slot) processes->emplace_back(*setup);
  return client::Evaluator(
      [processes](const client::Candidate& candidate, const client::EvaluationContext& context) {
        return (*processes)[static_cast<size_t>(context.slot)].Evaluate(candidate, context);
      });
}

}  // namespace polystep::cli
