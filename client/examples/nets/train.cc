#include "client/examples/nets/train.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <limits>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "client/cli/scratch.h"
#include "client/cpp/status_details.h"
#include "client/examples/nets/candidate_losses.h"
#include "server/app/embedded.h"

namespace polystep::nets {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int kDone = 0;
constexpr int kFailed = 1;
constexpr int kBadData = 2;
constexpr int kUnreachable = 3;

constexpr std::chrono::milliseconds kPoll{200};

int SlotsOf(const TrainOptions& options) {
  if (options.slots > 0) return options.slots;
  return static_cast<int>(std::max(1u, std::thread::hardware_concurrency()));
}

// One run: an evaluator, a server, slots, and a thread that watches.
class Run {
 public:
  Run(const TrainOptions& options, const Evaluator& evaluator, std::ostream& out, std::ostream& err)
      : options_(options), evaluator_(evaluator), out_(out), err_(err), losses_(evaluator) {}

  int Train(Clock::time_point start, bool terminal, const std::stop_token& stop);

 private:
  absl::Status Open();
  void Watch(bool terminal, std::stop_token stop);
  void Show(const v1::Study& study, bool terminal);
  int Finish();
  void PrintScores(const std::vector<float>& weights);
  int Fail(const absl::Status& status);
  double Elapsed() const { return std::chrono::duration<double>(Clock::now() - start_).count(); }
  double Left() const {
    return options_.time_limit_s.value_or(std::numeric_limits<double>::infinity()) - Elapsed();
  }

  const TrainOptions& options_;
  const Evaluator& evaluator_;
  std::ostream& out_;
  std::ostream& err_;
  CandidateLosses losses_;
  Clock::time_point start_;
  cli::Folder folder_;
  std::unique_ptr<EmbeddedServer> server_;
  std::optional<OpenedStudy> opened_;
  client::WorkerSummary summary_;
  double best_ = std::numeric_limits<double>::infinity();
  int64_t shown_evaluations_ = 0;
  double shown_s_ = 0.0;
};

int Run::Fail(const absl::Status& status) {
  err_ << "polystep-nets: " << client::ErrorText(status) << "\n";
  return absl::IsUnavailable(status) ? kUnreachable : kFailed;
}

absl::Status Run::Open() {
  std::string address = options_.server;
  if (address == "embedded") {
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
  if (options_.only_score) {
    opened_ = OpenedStudy{client.GetStudy(StudyId(options_.task, options_.study)), false};
    return absl::OkStatus();
  }
  absl::StatusOr<OpenedStudy> opened = OpenStudy(client, evaluator_, options_.study);
  if (!opened.ok()) return opened.status();
  opened_ = *std::move(opened);
  out_ << absl::StrFormat("%s on %s: %d weights in %d tensors\n", opened_->study.name(), address,
                          evaluator_.dimension(), evaluator_.tensors().size())
       << std::flush;
  return absl::OkStatus();
}

void Run::Show(const v1::Study& study, bool terminal) {
  const bool better = study.best().has_loss() && study.best().loss() < best_;
  if (terminal && better) err_ << "\r\x1b[K" << std::flush;
  if (better) {
    best_ = study.best().loss();
    // Of a score that another process evaluated only the loss is known.
    const std::optional<Evaluator::Score> score = losses_.best_score();
    const bool ours = score && score->loss == best_;
    out_ << absl::StrFormat("%8.1f s %11d evaluations: validation loss %.4f", Elapsed(),
                            study.evaluations(), best_)
         << (ours ? absl::StrFormat(", accuracy %.2f %%\n", 100.0 * score->accuracy) : "\n")
         << std::flush;
  }
  if (!terminal) return;
  const double now = Elapsed();
  const double rate = static_cast<double>(study.evaluations() - shown_evaluations_) /
                      std::max(1e-3, now - shown_s_);
  err_ << absl::StrFormat("\rstep %d, %d evaluations, %.0f/s, %.0f s\x1b[K", study.step(),
                          study.evaluations(), rate, now)
       << std::flush;
  shown_evaluations_ = study.evaluations();
  shown_s_ = now;
}

// Until the study ends, the time is over or `stop` is requested.
void Run::Watch(bool terminal, std::stop_token stop) {
  std::mutex mutex;
  std::condition_variable_any condition;
  std::unique_lock<std::mutex> lock(mutex);
  const auto wake = [&] { return stop.stop_requested(); };
  while (!stop.stop_requested() && Left() > 0.0) {
    const absl::StatusOr<v1::Study> study = opened_->study.Get();
    if (study.ok()) {
      Show(*study, terminal);
      if (study->state() != v1::Study::ACTIVE) break;
    }
    const std::chrono::duration<double> pause =
        std::min(std::chrono::duration<double>(kPoll), std::chrono::duration<double>(Left()));
    condition.wait_for(lock, stop, pause, wake);
  }
  if (terminal) err_ << "\n";
}

int Run::Train(Clock::time_point start, bool terminal, const std::stop_token& stop) {
  start_ = start;
  if (absl::Status status = Open(); !status.ok()) return Fail(status);
  if (options_.only_score) return Finish();
  std::stop_source over;
  const std::stop_callback on_stop(stop, [&over] { over.request_stop(); });
  {
    std::stop_source end;
    const std::jthread workers([&] {
      client::WorkerOptions worker;
      worker.slots = SlotsOf(options_);
      worker.max_evaluations = options_.lease;
      worker.stop = end.get_token();
      summary_ = opened_->study.RunBatchWorker(
          [this](absl::Span<const client::Candidate> candidates, const client::EvaluationContext&) {
            return losses_.Evaluate(candidates);
          },
          std::move(worker));
      if (!summary_.status.ok()) over.request_stop();
    });
    Watch(terminal, over.get_token());
    end.request_stop();
  }
  return Finish();
}

void Run::PrintScores(const std::vector<float>& weights) {
  for (Split split : {Split::kValidation, Split::kTest}) {
    const Evaluator::Score score = evaluator_.ScoreOf(weights, split);
    out_ << absl::StrFormat("%-10s loss %.4f, accuracy %.2f %%\n",
                            split == Split::kTest ? "test" : "validation", score.loss,
                            100.0 * score.accuracy)
         << std::flush;
  }
}

int Run::Finish() {
  if (!summary_.status.ok()) return Fail(summary_.status);
  absl::StatusOr<v1::Study> study = opened_->study.Get();
  // Other processes end with it; the same command goes on where it was.
  if (study.ok() && opened_->owned && study->state() == v1::Study::ACTIVE) {
    study = opened_->study.Pause();
  }
  if (!study.ok()) return Fail(study.status());
  Show(*study, false);
  out_ << absl::StrFormat("%s, %d evaluations, %d of this process, %d steps, %.1f s\n",
                          v1::Study::State_Name(study->state()), study->evaluations(),
                          summary_.evaluations, study->step(), Elapsed());
  const absl::StatusOr<std::vector<float>> best = BestWeights(opened_->study, evaluator_);
  if (!best.ok()) return Fail(best.status());
  PrintScores(*best);
  return kDone;
}

}  // namespace

int Train(const TrainOptions& options, std::ostream& out, std::ostream& err, bool terminal,
          const std::stop_token& stop) {
  const Clock::time_point start = Clock::now();
  absl::StatusOr<Dataset> dataset = Dataset::Read(options.data, options.validation);
  if (!dataset.ok()) {
    err << "polystep-nets: " << dataset.status().message() << "\n";
    return kBadData;
  }
  const Evaluator evaluator(options.task, *std::move(dataset), options.batch, SlotsOf(options));
  return Run(options, evaluator, out, err).Train(start, terminal, stop);
}

}  // namespace polystep::nets
