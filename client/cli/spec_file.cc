#include "client/cli/spec_file.h"

#include <yaml-cpp/yaml.h>

#include <cmath>
#include <cstdint>
#include <fstream>
#include <iostream>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "google/protobuf/util/json_util.h"
#include "nlohmann/json.hpp"

namespace polystep::cli {
namespace {

using Json = nlohmann::ordered_json;

// Turns nodes into JSON. Aliases are expanded, so both depth and size are bounded.
class YamlReader {
 public:
  Json Value(const YAML::Node& node, int depth) {
    if (depth > kMaxDepth) Fail(node, absl::StrCat("nested deeper than ", kMaxDepth));
    if (++nodes_ > kMaxNodes) Fail(node, absl::StrCat("more than ", kMaxNodes, " values"));
    if (node.IsSequence()) {
      Json array = Json::array();
      for (const YAML::Node& element : node) array.push_back(Value(element, depth + 1));
      return array;
    }
    if (node.IsMap()) return Object(node, depth);
    if (node.IsScalar()) return Scalar(node);
    return nullptr;
  }

 private:
  static constexpr int kMaxDepth = 64;
  static constexpr int kMaxNodes = 20'000'000;

  [[noreturn]] static void Fail(const YAML::Node& node, const std::string& problem) {
    throw YAML::RepresentationException(node.Mark(), problem);
  }

  Json Object(const YAML::Node& node, int depth) {
    Json object = Json::object();
    for (const auto& entry : node) {
      if (!entry.first.IsScalar()) Fail(entry.first, "a field's name is not a text");
      const std::string& key = entry.first.Scalar();
      if (object.contains(key)) Fail(entry.first, absl::StrCat("field '", key, "' is given twice"));
      object[key] = Value(entry.second, depth + 1);
    }
    return object;
  }

  static Json Scalar(const YAML::Node& node) {
    const std::string& text = node.Scalar();
    if (node.Tag() == "!") return text;  // quoted
    if (text == "true") return true;
    if (text == "false") return false;
    if (text.empty() || text == "~" || text == "null") return nullptr;
    int64_t integer = 0;
    uint64_t natural = 0;
    double real = 0.0;
    if (absl::SimpleAtoi(text, &integer)) return integer;
    if (absl::SimpleAtoi(text, &natural)) return natural;
    bool numeric = text.find_first_not_of("0123456789+-.eE") == std::string::npos;
    if (numeric && absl::SimpleAtod(text, &real) && std::isfinite(real)) return real;
    return text;
  }

  int nodes_ = 0;
};

bool LooksLikeJson(const std::string& text) {
  size_t first = text.find_first_not_of(" \t\r\n");
  return first != std::string::npos && text[first] == '{';
}

}  // namespace

absl::StatusOr<std::string> YamlToJson(const std::string& text) {
  try {
    return YamlReader().Value(YAML::Load(text), 0).dump();
  } catch (const YAML::Exception& error) {
    return absl::InvalidArgumentError(absl::StrCat("line ", error.mark.line + 1, ", column ",
                                                   error.mark.column + 1, ": ", error.msg));
  } catch (const Json::exception& error) {
    return absl::InvalidArgumentError(error.what());  // not UTF-8
  }
}

absl::StatusOr<v1::StudySpec> ParseSpec(const std::string& text) {
  std::string json = text;
  if (!LooksLikeJson(text)) {
    absl::StatusOr<std::string> converted = YamlToJson(text);
    if (!converted.ok()) return converted.status();
    json = *std::move(converted);
    if (!LooksLikeJson(json)) {
      return absl::InvalidArgumentError("not an object with the fields of StudySpec");
    }
  }
  v1::StudySpec spec;
  google::protobuf::util::JsonParseOptions options;
  options.ignore_unknown_fields = false;
  auto status = google::protobuf::util::JsonStringToMessage(json, &spec, options);
  if (!status.ok()) return absl::InvalidArgumentError(std::string(status.message()));
  return spec;
}

absl::StatusOr<v1::StudySpec> ReadSpec(const std::string& path) {
  constexpr size_t kMaxSize = 64 << 20;
  std::ifstream file;
  if (path != "-") file.open(path, std::ios::binary);
  std::istream& in = path == "-" ? std::cin : file;
  if (!in) return absl::NotFoundError(absl::StrCat("--spec ", path, ": cannot be read"));
  std::string text;
  char buffer[65536];
  while (in.read(buffer, sizeof buffer), in.gcount() > 0) {
    text.append(buffer, static_cast<size_t>(in.gcount()));
    if (text.size() > kMaxSize) {
      return absl::InvalidArgumentError(
          absl::StrCat("--spec ", path, ": over ", kMaxSize, " bytes"));
    }
  }
  absl::StatusOr<v1::StudySpec> spec = ParseSpec(text);
  if (!spec.ok()) {
    return absl::InvalidArgumentError(absl::StrCat("--spec ", path, ": ", spec.status().message()));
  }
  return spec;
}

}  // namespace polystep::cli
