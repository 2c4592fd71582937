#include "tests/bench/scale/report.h"

#include <algorithm>
#include <numeric>
#include <vector>

#include "absl/strings/str_format.h"

namespace polystep::bench {

double ScaleLine::MedianStep() const {
  std::vector<absl::Duration> steps = result.steps;
  if (steps.empty()) return 0.0;
  std::nth_element(steps.begin(), steps.begin() + steps.size() / 2, steps.end());
  return absl::ToDoubleSeconds(steps[steps.size() / 2]);
}

double ScaleLine::MeanStep() const {
  const absl::Duration all =
      std::accumulate(result.steps.begin(), result.steps.end(), absl::ZeroDuration());
  return absl::ToDoubleSeconds(all) / static_cast<double>(std::max<size_t>(1, result.steps.size()));
}

double ScaleLine::Utilisation() const {
  const double capacity = (cell.workers - cell.slow) + double(cell.slow) / kSlowFactor;
  return cell.evaluations() * result.sleep_s / (capacity * MeanStep());
}

double ScaleLine::StepOverRounds() const { return MedianStep() / (cell.each * result.sleep_s); }

double ScaleLine::ExtraPerStep() const {
  return static_cast<double>(result.evaluated) / static_cast<double>(cell.steps) -
         cell.evaluations();
}

std::string ScaleHead() {
  return "| clock | sleep | workers | each | slow | dying | step (median) | / rounds | utilisation "
         "| extra a step | deaths | range elsewhere after | idle before |\n"
         "|---|---|---|---|---|---|---|---|---|---|---|---|---|\n";
}

std::string ToText(const ScaleLine& line) {
  return absl::StrFormat(
      "| %s | %s | %d | %d | %d | %.0f %% | %.4g s | %.3f | %.3f | %.1f | %d | %s | %.0f %% |\n",
      line.real ? "real" : "virtual", absl::FormatDuration(line.cell.sleep), line.cell.workers,
      line.cell.each, line.cell.slow, 100 * line.cell.dying, line.MedianStep(),
      line.StepOverRounds(), line.Utilisation(), line.ExtraPerStep(), line.result.deaths,
      absl::FormatDuration(absl::Floor(line.result.longest_gap, absl::Milliseconds(1))),
      line.idle_before);
}

nlohmann::json ToJson(const ScaleLine& line) {
  return {{"clock", line.real ? "real" : "virtual"},
          {"sleep_s", absl::ToDoubleSeconds(line.cell.sleep)},
          {"measured_sleep_s", line.result.sleep_s},
          {"workers", line.cell.workers},
          {"evaluations_each", line.cell.each},
          {"slow_workers", line.cell.slow},
          {"dying_share", line.cell.dying},
          {"backup_leases", line.cell.backups},
          {"ttl_s", absl::ToDoubleSeconds(line.cell.ttl)},
          {"median_step_s", line.MedianStep()},
          {"mean_step_s", line.MeanStep()},
          {"step_over_rounds", line.StepOverRounds()},
          {"utilisation", line.Utilisation()},
          {"extra_evaluations_a_step", line.ExtraPerStep()},
          {"deaths", line.result.deaths},
          {"range_elsewhere_after_s", absl::ToDoubleSeconds(line.result.longest_gap)},
          {"idle_before_percent", line.idle_before}};
}

std::string ToText(const PollsResult& result) {
  return absl::StrFormat(
      "%d idle polls over %d studies: %d over their deadline or refused, the last answer after "
      "%.2f s of %.0f s; %.1f %% of a processor; %.0f MiB with the studies, %.0f MiB (%.1f KiB a "
      "poll) more with the polls\n",
      result.polls, result.studies, result.failed, result.latest_s, result.deadline_s,
      100 * result.cpu_share, result.studies_mib, result.polls_mib,
      1024 * result.polls_mib / std::max(1, result.polls));
}

nlohmann::json ToJson(const PollsResult& result) {
  return {{"studies", result.studies},         {"polls", result.polls},
          {"failed", result.failed},           {"latest_s", result.latest_s},
          {"deadline_s", result.deadline_s},   {"cpu_share", result.cpu_share},
          {"studies_mib", result.studies_mib}, {"polls_mib", result.polls_mib}};
}

}  // namespace polystep::bench
