// A StudySpec from a file: ProtoJSON, or YAML of the same shape. Thread-safe as functions.
#ifndef POLYSTEP_CLIENT_CLI_SPEC_FILE_H_
#define POLYSTEP_CLIENT_CLI_SPEC_FILE_H_

#include <string>

#include "absl/status/statusor.h"
#include "polystep/v1/study.pb.h"

namespace polystep::cli {

// INVALID_ARGUMENT, with the place and the field, for anything that is not a StudySpec: unknown
// and repeated fields are errors.
absl::StatusOr<v1::StudySpec> ParseSpec(const std::string& text);

// ParseSpec of a file of at most 64 MiB; errors name it. "-" is standard input.
absl::StatusOr<v1::StudySpec> ReadSpec(const std::string& path);

// YAML (1.2 core: true and false are the only booleans) as JSON text.
absl::StatusOr<std::string> YamlToJson(const std::string& text);

}  // namespace polystep::cli

#endif  // POLYSTEP_CLIENT_CLI_SPEC_FILE_H_
