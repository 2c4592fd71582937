#include "client/examples/rl/report.h"

#include "absl/strings/str_format.h"
#include "nlohmann/json.hpp"

namespace polystep::rl {
namespace {

double Seconds(const google::protobuf::Timestamp& time) {
  return static_cast<double>(time.seconds()) + 1e-9 * time.nanos();
}

}  // namespace

Report ReportOf(const Task& task, const v1::Study& study, absl::Span<const double> test) {
  Report report;
  report.study = study.name();
  report.task = task.name();
  report.state = v1::Study::State_Name(study.state());
  report.evaluations = study.evaluations();
  report.scores = study.counters().score();
  report.steps = study.step();
  report.seconds = Seconds(study.update_time()) - Seconds(study.create_time());
  report.validation = study.best().loss();
  report.test = Mean(test);
  report.test_spread = StandardDeviation(test);
  return report;
}

std::string ReportText(const Report& report) {
  return absl::StrFormat(
      "%s: %s, %d evaluations in %d steps, %.1f s\n"
      "best policy: validation %.2f, test %.2f (standard deviation of an episode %.2f)\n",
      report.study, report.state, report.evaluations, report.steps, report.seconds,
      report.validation, report.test, report.test_spread);
}

std::string ReportJson(const Report& report) {
  const nlohmann::ordered_json json = {
      {"study", report.study},     {"task", report.task},
      {"state", report.state},     {"evaluations", report.evaluations},
      {"scores", report.scores},   {"steps", report.steps},
      {"seconds", report.seconds}, {"validation", report.validation},
      {"test", report.test},       {"testSpread", report.test_spread}};
  return json.dump() + "\n";
}

}  // namespace polystep::rl
