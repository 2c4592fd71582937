#include "server/app/log.h"

#include <google/protobuf/stubs/logging.h>
#include <grpc/support/log.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <nlohmann/json.hpp>

namespace polystep {
namespace {

bool json_lines = false;  // set before other threads start

spdlog::level::level_enum SpdlogLevel(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug:
      return spdlog::level::debug;
    case LogLevel::kInfo:
      return spdlog::level::info;
    case LogLevel::kWarning:
      return spdlog::level::warn;
    case LogLevel::kError:
      break;
  }
  return spdlog::level::err;
}

// What the libraries have to say is mostly about what callers send: not worth a line each.
void TakeLibraryLogs() {
  google::protobuf::SetLogHandler(
      [](google::protobuf::LogLevel level, const char*, int, const std::string& message) {
        Log(level == google::protobuf::LOGLEVEL_FATAL ? LogLevel::kError : LogLevel::kDebug,
            "protobuf: " + message);
      });
  gpr_set_log_function([](gpr_log_func_args* line) {
    Log(LogLevel::kDebug, "grpc: " + std::string(line->message));
  });
}

}  // namespace

void StartLog(const std::string& level, const std::string& format) {
  json_lines = format == "json";
  spdlog::set_default_logger(spdlog::stderr_logger_mt("polystepd"));
  spdlog::set_level(spdlog::level::from_str(level));
  spdlog::set_pattern(json_lines ? R"({"time":"%Y-%m-%dT%H:%M:%S.%e%z","level":"%l","message":%v})"
                                 : "%Y-%m-%dT%H:%M:%S.%e%z %l %v");
  TakeLibraryLogs();
}

void Log(LogLevel level, const std::string& message) {
  if (!json_lines) return spdlog::log(SpdlogLevel(level), "{}", message);
  spdlog::log(
      SpdlogLevel(level), "{}",
      nlohmann::json(message).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
}

}  // namespace polystep
