#include "server/app/log.h"

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

}  // namespace

void StartLog(const std::string& level, const std::string& format) {
  json_lines = format == "json";
  spdlog::set_default_logger(spdlog::stderr_logger_mt("polystepd"));
  spdlog::set_level(spdlog::level::from_str(level));
  spdlog::set_pattern(json_lines ? R"({"time":"%Y-%m-%dT%H:%M:%S.%e%z","level":"%l","message":%v})"
                                 : "%Y-%m-%dT%H:%M:%S.%e%z %l %v");
}

void Log(LogLevel level, const std::string& message) {
  if (!json_lines) return spdlog::log(SpdlogLevel(level), "{}", message);
  spdlog::log(
      SpdlogLevel(level), "{}",
      nlohmann::json(message).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
}

}  // namespace polystep
