// Words as a shell reads them, for commands that are printed to be copied. Thread-safe.
#ifndef POLYSTEP_CLIENT_CLI_SHELL_TEXT_H_
#define POLYSTEP_CLIENT_CLI_SHELL_TEXT_H_

#include <string>

namespace polystep::cli {

// `word` itself if no shell changes it, else in single quotes.
std::string ShellQuoted(const std::string& word);

}  // namespace polystep::cli

#endif  // POLYSTEP_CLIENT_CLI_SHELL_TEXT_H_
