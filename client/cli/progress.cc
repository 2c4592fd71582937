#include "client/cli/progress.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace polystep::cli {
namespace {

constexpr double kWindow = 5.0;        // seconds a rate is measured over
constexpr double kLineInterval = 5.0;  // between plain lines
constexpr int kBar = 24;

int TerminalWidth() {
  winsize size{};
  if (::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
  return 80;
}

std::string Clock(double seconds) {
  int64_t whole = std::llround(std::min(seconds, 1e9));
  if (whole < 3600) return absl::StrFormat("%d:%02d", whole / 60, whole % 60);
  return absl::StrFormat("%d:%02d:%02d", whole / 3600, whole / 60 % 60, whole % 60);
}

// Seconds until the nearest criterion that can be foreseen.
std::optional<double> Remaining(const ProgressFacts& facts) {
  const v1::Study& study = facts.study;
  const v1::StopCriteria& stop = study.spec().stop();
  std::optional<double> rest;
  auto offer = [&](double seconds) { rest = rest ? std::min(*rest, seconds) : seconds; };
  double rate = facts.evaluations_per_s;
  if (stop.has_max_evaluations() && rate > 0.0) {
    offer(static_cast<double>(stop.max_evaluations() - study.evaluations()) / rate);
  }
  if (stop.has_max_steps() && rate > 0.0 && study.step() > 0) {
    double per_step = static_cast<double>(study.evaluations()) / static_cast<double>(study.step());
    offer(static_cast<double>(stop.max_steps() - study.step()) * per_step / rate);
  }
  return rest ? std::optional<double>(std::max(0.0, *rest)) : std::nullopt;
}

std::string Count(const v1::Study& study) {
  const v1::StopCriteria& stop = study.spec().stop();
  if (stop.has_max_evaluations()) {
    return absl::StrCat(study.evaluations(), "/", stop.max_evaluations(), " evaluations");
  }
  std::string count = absl::StrCat(study.evaluations(), " evaluations");
  if (stop.has_max_steps()) {
    absl::StrAppend(&count, ", step ", study.step(), "/", stop.max_steps());
  }
  return count;
}

}  // namespace

std::optional<double> ShareDone(const ProgressFacts& facts) {
  const v1::Study& study = facts.study;
  const v1::StopCriteria& stop = study.spec().stop();
  std::optional<double> share;
  auto offer = [&](double value) {
    value = std::clamp(value, 0.0, 1.0);
    share = share ? std::max(*share, value) : value;
  };
  if (stop.has_max_evaluations()) {
    offer(static_cast<double>(study.evaluations()) / static_cast<double>(stop.max_evaluations()));
  }
  if (stop.has_max_steps()) {
    offer(static_cast<double>(study.step()) / static_cast<double>(stop.max_steps()));
  }
  return share;
}

std::string ProgressLine(const ProgressFacts& facts, int width) {
  std::string line;
  std::optional<double> share = ShareDone(facts);
  if (width > 0 && share) {
    int full = static_cast<int>(*share * kBar);
    line = absl::StrCat("[", std::string(static_cast<size_t>(full), '#'),
                        std::string(static_cast<size_t>(kBar - full), '-'),
                        absl::StrFormat("] %3.0f%% | ", *share * 100));
  }
  const v1::Solution& best = facts.study.best();
  absl::StrAppend(
      &line, "best ", best.has_loss() ? absl::StrFormat("%.6g", best.loss()) : "-", " | ",
      Count(facts.study), " | ",
      absl::StrFormat("%.*f/s", facts.evaluations_per_s < 10 ? 1 : 0, facts.evaluations_per_s));
  if (std::optional<double> rest = Remaining(facts))
    absl::StrAppend(&line, " | ETA ", Clock(*rest));
  if (width > 0 && line.size() >= static_cast<size_t>(width)) {
    line.resize(static_cast<size_t>(width) - 1);
  }
  return line;
}

void Progress::Update(const v1::Study& study, double now_s) {
  if (!start_s_) {
    start_s_ = now_s;
    next_line_s_ = now_s + kLineInterval;
  }
  samples_.emplace_back(now_s, study.evaluations());
  while (samples_.size() > 2 && now_s - samples_.front().first > kWindow) samples_.pop_front();
  double span = now_s - samples_.front().first;
  ProgressFacts facts{study, now_s - *start_s_, 0.0};
  if (span > 0.0) {
    facts.evaluations_per_s =
        static_cast<double>(study.evaluations() - samples_.front().second) / span;
  }
  if (terminal_) {
    out_ << "\r" << ProgressLine(facts, TerminalWidth()) << "\x1b[K" << std::flush;
    drawn_ = true;
  } else if (now_s >= next_line_s_) {
    out_ << ProgressLine(facts, 0) << std::endl;
    next_line_s_ = now_s + kLineInterval;
  }
}

void Progress::Finish() {
  if (drawn_) out_ << "\n" << std::flush;
}

}  // namespace polystep::cli
