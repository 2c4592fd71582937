// The server's log, on standard error: lines of text, or one JSON object each.
#ifndef POLYSTEP_SERVER_APP_LOG_H_
#define POLYSTEP_SERVER_APP_LOG_H_

#include <string>

namespace polystep {

enum class LogLevel { kDebug, kInfo, kWarning, kError };

// Once, before the first line. `level` is debug, info, warn or error, `format` text or json.
void StartLog(const std::string& level, const std::string& format);

// One line. Thread-safe.
void Log(LogLevel level, const std::string& message);

}  // namespace polystep

#endif  // POLYSTEP_SERVER_APP_LOG_H_
