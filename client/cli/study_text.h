// Studies and steps as lines for people. Thread-safe as functions.
#ifndef POLYSTEP_CLIENT_CLI_STUDY_TEXT_H_
#define POLYSTEP_CLIENT_CLI_STUDY_TEXT_H_

#include <string>
#include <vector>

#include "client/cpp/evaluation.h"
#include "google/protobuf/repeated_field.h"
#include "polystep/v1/study.pb.h"

namespace polystep::cli {

std::vector<client::Parameter> Parameters(
    const google::protobuf::RepeatedPtrField<v1::ParameterValue>& values);

std::string LossText(const v1::Solution& solution);  // "-" where there is none

// "name state step evaluations best", aligned; and the line of column titles.
std::string StudyRow(const v1::Study& study);
std::string StudyTitles();

std::string StepRow(const v1::StepRecord& step);
std::string StepTitles();

// Several lines: everything a person wants to know of one study.
std::string StudyPage(const v1::Study& study);

// "name = value" lines.
std::string ParameterLines(const std::vector<client::Parameter>& parameters);

}  // namespace polystep::cli

#endif  // POLYSTEP_CLIENT_CLI_STUDY_TEXT_H_
