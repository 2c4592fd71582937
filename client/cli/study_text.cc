#include "client/cli/study_text.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "client/cli/value_text.h"

namespace polystep::cli {
namespace {

client::Value ToValue(const v1::ParameterValue& value) {
  switch (value.value_case()) {
    case v1::ParameterValue::kInteger:
      return value.integer();
    case v1::ParameterValue::kDiscrete:
      return value.discrete();
    case v1::ParameterValue::kCategorical:
      return value.categorical();
    case v1::ParameterValue::kBoolean:
      return value.boolean();
    default:
      return value.real();
  }
}

std::string Optional(bool has, double value) { return has ? absl::StrFormat("%.6g", value) : "-"; }

}  // namespace

std::vector<client::Parameter> Parameters(
    const google::protobuf::RepeatedPtrField<v1::ParameterValue>& values) {
  std::vector<client::Parameter> parameters;
  for (const v1::ParameterValue& value : values) {
    parameters.push_back({value.name(), ToValue(value)});
  }
  return parameters;
}

std::string LossText(const v1::Solution& solution) {
  if (!solution.has_loss()) return "-";
  if (solution.violation() == 0.0) return DoubleText(solution.loss());
  return absl::StrCat(DoubleText(solution.loss()), ", violation ",
                      DoubleText(solution.violation()));
}

std::string StudyTitles() {
  return absl::StrFormat("%-32s %-10s %8s %12s  %s\n", "STUDY", "STATE", "STEP", "EVALUATIONS",
                         "BEST");
}

std::string StudyRow(const v1::Study& study) {
  return absl::StrFormat("%-32s %-10s %8d %12d  %s\n", study.name(),
                         v1::Study::State_Name(study.state()), study.step(), study.evaluations(),
                         LossText(study.best()));
}

std::string StepTitles() {
  return absl::StrFormat("%8s %12s %12s %12s %12s %6s %6s  %s\n", "STEP", "EVALUATIONS", "BEST",
                         "MEAN", "SCORE", "INFEAS", "MASKED", "DIGEST");
}

std::string StepRow(const v1::StepRecord& step) {
  return absl::StrFormat("%8d %12d %12s %12s %12s %6d %6d  %s\n", step.step(), step.evaluations(),
                         Optional(step.has_best_loss(), step.best_loss()),
                         Optional(step.has_mean_loss(), step.mean_loss()),
                         Optional(step.has_score(), step.score()), step.infeasible(), step.masked(),
                         step.digest().substr(0, 16));
}

std::string StudyPage(const v1::Study& study) {
  std::string page = absl::StrCat(
      study.name(), "\n", "state        ", v1::Study::State_Name(study.state()),
      study.state_reason().empty() ? "" : absl::StrCat(": ", study.state_reason()), "\n",
      "step         ", study.step(), "\n", "evaluations  ", study.evaluations(), "\n",
      "seed         ", study.spec().seed(), "\n", "digest       ", study.trajectory_digest(), "\n");
  if (study.has_best()) {
    absl::StrAppend(&page, "best loss    ", LossText(study.best()), " (step ", study.best().step(),
                    ", evaluation ", study.best().index(), ")\n",
                    ParameterLines(Parameters(study.best().parameters())));
  }
  return page;
}

std::string ParameterLines(const std::vector<client::Parameter>& parameters) {
  size_t width = 0;
  for (const client::Parameter& parameter : parameters) {
    width = std::max(width, parameter.name.size());
  }
  std::string lines;
  for (const client::Parameter& parameter : parameters) {
    absl::StrAppend(&lines, "  ", parameter.name, std::string(width - parameter.name.size(), ' '),
                    " = ", ValueText(parameter.value), "\n");
  }
  return lines;
}

}  // namespace polystep::cli
