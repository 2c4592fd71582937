#include "client/examples/maxsat/solve.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "client/cli/scratch.h"
#include "client/cpp/status_details.h"
#include "client/examples/maxsat/candidate_cost.h"
#include "client/examples/maxsat/dimacs.h"
#include "client/examples/maxsat/output.h"
#include "server/app/embedded.h"

namespace polystep::maxsat {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int kDone = 0;
constexpr int kFailed = 1;
constexpr int kBadFile = 2;
constexpr int kUnreachable = 3;

constexpr uint32_t kBatch = 2048;  // candidates counted in one go
constexpr std::chrono::milliseconds kPoll{100};

size_t TerminalWidth() {
  winsize size{};
  if (::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 1) return size.ws_col - 1;
  return 79;
}

// One run: a formula, a server, workers, and a thread that watches.
class Run {
 public:
  Run(const SolveOptions& options, const Formula& formula, std::ostream& out, std::ostream& err)
      : options_(options),
        formula_(formula),
        study_options_(options.study),
        output_(out, formula),
        err_(err),
        costs_(formula, options.hard_weight.value_or(DefaultHardWeight(formula))) {
    study_options_.hard_weight = options.hard_weight.value_or(DefaultHardWeight(formula));
  }

  int Solve(Clock::time_point start, bool terminal, const std::stop_token& stop);

 private:
  absl::Status Start();
  void Watch(bool terminal, std::stop_token stop);
  std::optional<Cost> BestCost(const v1::Study& study) const;
  std::vector<uint8_t> BestFound() const;
  void Show(const v1::Study& study);
  int Finish();
  double Elapsed() const { return std::chrono::duration<double>(Clock::now() - start_).count(); }

  const SolveOptions& options_;
  const Formula& formula_;
  StudyOptions study_options_;
  Output output_;
  std::ostream& err_;
  CandidateCost costs_;
  Clock::time_point start_;
  cli::Folder folder_;
  std::unique_ptr<EmbeddedServer> server_;
  std::optional<OpenedStudy> opened_;
  client::WorkerSummary summary_;
  int64_t shown_evaluations_ = 0;
  double shown_s_ = 0.0;
};

absl::Status Run::Start() {
  std::string address = options_.server;
  if (address.empty()) {
    absl::StatusOr<cli::Folder> folder = cli::MakeTemporaryFolder();
    if (!folder.ok()) return folder.status();
    folder_ = *std::move(folder);
    absl::StatusOr<std::unique_ptr<EmbeddedServer>> server =
        EmbeddedServer::Start({.data = folder_.path()});
    if (!server.ok()) return server.status();
    server_ = *std::move(server);
    address = server_->address();
  }
  const client::Client client = client::Client::Connect(address, {.total = absl::Seconds(10)});
  absl::StatusOr<OpenedStudy> opened = OpenStudy(client, formula_, study_options_);
  if (!opened.ok()) return opened.status();
  opened_ = *std::move(opened);
  output_.Comment(
      absl::StrFormat("%s on %s after %.1f s", opened_->study.name(), address, Elapsed()));
  return absl::OkStatus();
}

// Of all processes, where the loss tells the cost; else of this one.
std::optional<Cost> Run::BestCost(const v1::Study& study) const {
  if (formula_.has_hard() || !study.best().has_loss()) return costs_.best_cost();
  return Cost{0, static_cast<int64_t>(study.best().loss())};
}

void Run::Show(const v1::Study& study) {
  const double now = Elapsed();
  ProgressFacts facts;
  facts.best = BestCost(study);
  facts.evaluations = study.evaluations();
  facts.evaluations_per_s = static_cast<double>(study.evaluations() - shown_evaluations_) /
                            std::max(1e-3, now - shown_s_);
  facts.elapsed_s = now;
  facts.limit_s = options_.time_limit_s;
  err_ << "\r" << ProgressLine(formula_, facts, TerminalWidth()) << "\x1b[K" << std::flush;
  shown_evaluations_ = study.evaluations();
  shown_s_ = now;
}

// Until the study ends, the time is over or `stop` is requested.
void Run::Watch(bool terminal, std::stop_token stop) {
  std::mutex mutex;
  std::condition_variable_any condition;
  std::unique_lock<std::mutex> lock(mutex);
  const auto wake = [&] { return stop.stop_requested(); };
  while (!stop.stop_requested() && Elapsed() < options_.time_limit_s) {
    const absl::StatusOr<v1::Study> study = opened_->study.Get();
    if (study.ok()) {
      if (const std::optional<Cost> best = BestCost(*study)) output_.Improve(*best);
      if (terminal) Show(*study);
      if (study->state() != v1::Study::ACTIVE) break;
    }
    const std::chrono::duration<double> left(options_.time_limit_s - Elapsed());
    condition.wait_for(lock, stop, std::min<std::chrono::duration<double>>(kPoll, left), wake);
  }
  if (terminal) err_ << "\n";
}

int Run::Solve(Clock::time_point start, bool terminal, const std::stop_token& stop) {
  start_ = start;
  if (absl::Status status = Start(); !status.ok()) {
    err_ << "polystep-maxsat: " << client::ErrorText(status) << "\n";
    output_.Finish();
    return absl::IsUnavailable(status) ? kUnreachable : kFailed;
  }
  std::stop_source over;
  const std::stop_callback on_stop(stop, [&over] { over.request_stop(); });
  {
    std::stop_source end;
    const std::jthread workers([&] {
      client::WorkerOptions worker;
      worker.slots = options_.workers > 0
                         ? options_.workers
                         : static_cast<int>(std::max(1u, std::thread::hardware_concurrency()));
      worker.batch_size = kBatch;
      worker.max_evaluations = options_.lease;
      worker.stop = end.get_token();
      summary_ = opened_->study.RunBatchWorker(
          [this](absl::Span<const client::Candidate> candidates, const client::EvaluationContext&) {
            return costs_.Evaluate(candidates);
          },
          std::move(worker));
      if (!summary_.status.ok()) over.request_stop();
    });
    Watch(terminal, over.get_token());
    end.request_stop();
  }
  return Finish();
}

// The better of what the server knows and what was seen here; empty: neither.
std::vector<uint8_t> Run::BestFound() const {
  std::vector<uint8_t> seen = costs_.BestAssignment();
  absl::StatusOr<std::vector<uint8_t>> known = BestAssignment(opened_->study);
  if (!known.ok() || known->size() != formula_.variables()) return seen;
  if (!seen.empty() && formula_.CostOf(seen) <= formula_.CostOf(*known)) return seen;
  return *std::move(known);
}

int Run::Finish() {
  int code = kDone;
  if (!summary_.status.ok()) {
    err_ << "polystep-maxsat: " << client::ErrorText(summary_.status) << "\n";
    code = absl::IsUnavailable(summary_.status) ? kUnreachable : kFailed;
  }
  absl::StatusOr<v1::Study> study = opened_->study.Get();
  // Other processes end with it; the same command goes on where it was.
  if (study.ok() && opened_->owned && study->state() == v1::Study::ACTIVE) {
    study = opened_->study.Pause();
  }
  if (study.ok()) {
    output_.Comment(
        absl::StrFormat("%d evaluations of the study, %d of this process, %d steps, %.1f s",
                        study->evaluations(), summary_.evaluations, study->step(), Elapsed()));
  }
  const std::vector<uint8_t> best = BestFound();
  if (best.empty()) {
    output_.Finish();
  } else {
    output_.Finish(best);
  }
  return code;
}

}  // namespace

int Solve(const SolveOptions& options, std::ostream& out, std::ostream& err, bool terminal,
          const std::stop_token& stop) {
  const Clock::time_point start = Clock::now();
  const absl::StatusOr<Formula> formula = ReadDimacs(options.file);
  if (!formula.ok()) {
    err << "polystep-maxsat: " << formula.status().message() << "\n";
    return kBadFile;
  }
  Output output(out, *formula);
  output.Comment(absl::StrCat(options.file, ": ", formula->variables(), " variables, ",
                              formula->clauses() + formula->tautologies(), " clauses, soft weight ",
                              formula->soft_weight()));
  if (formula->unavoidable().hard > 0) {
    output.Finish();
    return kDone;
  }
  if (formula->clauses() == 0 || formula->variables() == 0) {
    output.Finish(std::vector<uint8_t>(formula->variables(), 0));
    return kDone;
  }
  return Run(options, *formula, out, err).Solve(start, terminal, stop);
}

}  // namespace polystep::maxsat
