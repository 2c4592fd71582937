// `polystep best`: the best point, its parameters as JSON and its tensors as .npy files.
#include <filesystem>
#include <fstream>
#include <string>

#include "absl/strings/str_cat.h"
#include "client/cli/npy.h"
#include "client/cli/proto_json.h"
#include "client/cli/study_text.h"
#include "client/cli/value_text.h"
#include "client/cli/verbs.h"

namespace polystep::cli {
namespace {

// `out` gets the parameters, tensors go next to it: best.json, best.weights.npy.
absl::Status WriteFiles(const std::string& out, const client::Point& point, Streams& streams) {
  std::ofstream file(out, std::ios::binary | std::ios::trunc);
  file << ParametersJson(Parameters(point.solution.parameters())) << "\n";
  file.close();
  if (!file) return absl::PermissionDeniedError(absl::StrCat("--out ", out, ": cannot be written"));
  streams.err << "wrote " << out << "\n";
  std::filesystem::path path(out);
  std::filesystem::path folder = path.has_parent_path() ? path.parent_path() : ".";
  for (const client::Tensor& tensor : point.tensors) {
    client::Tensor named = tensor;
    named.name = absl::StrCat(path.stem().string(), ".", tensor.name);
    if (absl::Status status = WriteNpy(folder.string(), named); !status.ok()) return status;
    streams.err << "wrote " << (folder / NpyName(named.name)).string() << "\n";
  }
  return absl::OkStatus();
}

}  // namespace

int Best(const CommandLine& line, Streams& streams) {
  v1::GetSolutionRequest::Kind kind =
      line.center ? v1::GetSolutionRequest::CENTER : v1::GetSolutionRequest::BEST;
  absl::StatusOr<client::Point> point = Connect(line).GetStudy(StudyId(line)).Solution(kind);
  if (!point.ok()) return Report(point.status(), streams);
  if (!line.out.empty()) {
    if (absl::Status status = WriteFiles(line.out, *point, streams); !status.ok()) {
      return Report(status, streams);
    }
  } else if (!point->tensors.empty()) {
    streams.err << "tensors are written with --out FILE\n";
  }
  if (line.json) {
    streams.out << ProtoJson(point->solution).dump(2) << "\n";
    return kDone;
  }
  streams.err << "loss " << LossText(point->solution) << " (step " << point->solution.step()
              << ", evaluation " << point->solution.index() << ")\n";
  if (line.out.empty()) {
    streams.out << ParametersJson(Parameters(point->solution.parameters())) << "\n";
  }
  return kDone;
}

}  // namespace polystep::cli
