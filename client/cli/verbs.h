// What the verbs of `polystep` do. Each returns an exit code; results go to `out`, everything for
// people's eyes only (errors, progress) to `err`. Thread-safe as functions.
#ifndef POLYSTEP_CLIENT_CLI_VERBS_H_
#define POLYSTEP_CLIENT_CLI_VERBS_H_

#include <map>
#include <ostream>
#include <stop_token>
#include <string>

#include "absl/status/status.h"
#include "client/cli/command_line.h"
#include "client/cpp/client.h"

namespace polystep::cli {

struct Streams {
  std::ostream& out;
  std::ostream& err;
  bool terminal = false;  // `err` is one
};

// Runs the verb of a parsed command line. `stop` is requested by SIGINT and SIGTERM.
int RunVerb(const CommandLine& line, Streams& streams, std::stop_token stop);

// The verbs, by file.
int StudyVerb(const CommandLine& line, Streams& streams, std::stop_token stop);  // study_verbs.cc
int Best(const CommandLine& line, Streams& streams);                             // best.cc
int Worker(const CommandLine& line, Streams& streams, std::stop_token stop);     // worker_verb.cc
int Ask(const CommandLine& line, Streams& streams, std::stop_token stop);        // hand_verbs.cc
int Tell(const CommandLine& line, Streams& streams);                             // hand_verbs.cc
int Minimize(const CommandLine& line, Streams& streams, std::stop_token stop);   // minimize.cc

// Shared by them (verbs.cc).
client::Client Connect(const CommandLine& line);  // gives up on an absent server after 5 s
std::string StudyId(const CommandLine& line);     // NAME without "studies/"
absl::StatusOr<std::map<std::string, std::string>> ParseLabels(const CommandLine& line);
// Prints the error and says what the program ends with: 3 if the server cannot be reached, else 1.
int Report(const absl::Status& status, Streams& streams);
int Usage(const absl::Status& status, Streams& streams);  // 2

}  // namespace polystep::cli

#endif  // POLYSTEP_CLIENT_CLI_VERBS_H_
