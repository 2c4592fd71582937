// The options of polystepd: filled by its command line, checked before anything starts.
#ifndef POLYSTEP_SERVER_APP_SERVER_OPTIONS_H_
#define POLYSTEP_SERVER_APP_SERVER_OPTIONS_H_

#include <string>

#include "absl/status/status.h"

namespace polystep {

struct ServerOptions {
  std::string listen = "127.0.0.1:50051";  // HOST:PORT; port 0: any free port
  std::string data = "./polystep-data";    // folder of the store
  bool insecure = false;                   // serve other machines without TLS and authentication
  int threads = 0;                         // of the engine; 0: as many as cores
  int max_studies = 10'000;
  int max_waiters = 16'384;  // long polls held
  int drain_seconds = 10;    // for losses that are on their way when the server stops
  std::string log_level = "info";
  std::string log_format = "text";
};

// INVALID_ARGUMENT naming the flag, the value and the limit.
absl::Status ValidateOptions(const ServerOptions& options);

// One line, for the log.
std::string DescribeOptions(const ServerOptions& options);

}  // namespace polystep

#endif  // POLYSTEP_SERVER_APP_SERVER_OPTIONS_H_
