#include "client/cli/command_line.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cmath>
#include <sstream>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "client/cli/number_limits.h"

namespace polystep::cli {
namespace {

CLI::App* AddVerb(CLI::App& parent, const char* verb, const char* what, CommandLine& line) {
  CLI::App* app = parent.add_subcommand(verb, what);
  std::string full =
      parent.get_parent() == nullptr ? verb : absl::StrCat(parent.get_name(), " ", verb);
  app->callback([&line, full] { line.verb = full; });
  return app;
}

CLI::App* AddStudyVerb(CLI::App& parent, const char* verb, const char* what, CommandLine& line) {
  CLI::App* app = AddVerb(parent, verb, what, line);
  app->add_option("NAME", line.name, "the study")->required();
  return app;
}

void AddSimulatorOptions(CLI::App* app, CommandLine& line, const char* slots) {
  app->add_option("--slots", line.slots, slots)->check(CLI::Range(1, 4096));
  app->add_option("--timeout", line.timeout_s, "seconds for one evaluation (default: no limit)")
      ->check(AboveZero());
  app->add_flag("--persistent", line.persistent, "one process per slot, one JSON line each way");
  app->add_option("--on-failure", line.on_failure, "what a failed evaluation is")
      ->check(CLI::IsMember({"infeasible", "retry"}))
      ->capture_default_str();
  app->footer("COMMAND and its arguments follow after --");
}

void AddStudyVerbs(CLI::App& app, CommandLine& line) {
  CLI::App* study = app.add_subcommand("study", "create, inspect and steer studies");
  study->require_subcommand(1);
  CLI::App* create = AddStudyVerb(*study, "create", "create a study", line);
  create->add_option("--spec", line.spec, "StudySpec as ProtoJSON or YAML")->required();
  create->add_option("--display-name", line.display_name, "for people");
  create->add_option("--label", line.labels, "KEY=VALUE; may be repeated");
  create->add_flag("--validate-only", line.validate_only, "check everything, create nothing");
  CLI::App* list = AddVerb(*study, "list", "all studies", line);
  list->add_option("--limit", line.limit, "most rows")->check(AboveZero());
  AddStudyVerb(*study, "get", "one study", line);
  CLI::App* watch = AddStudyVerb(*study, "watch", "follow a study until it ends", line);
  CLI::App* steps = AddStudyVerb(*study, "steps", "committed steps", line);
  for (CLI::App* verb : {watch, steps}) {
    verb->add_option("--first-step", line.first_step, "the first step shown")->check(ZeroOrMore());
  }
  steps->add_option("--limit", line.limit, "most rows")->check(AboveZero());
  AddStudyVerb(*study, "pause", "no new leases", line);
  AddStudyVerb(*study, "resume", "go on", line);
  AddStudyVerb(*study, "stop", "end the study where it is", line);
  AddStudyVerb(*study, "delete", "remove the study and its records", line);
}

void AddWorkVerbs(CLI::App& app, CommandLine& line) {
  CLI::App* best = AddStudyVerb(app, "best", "the best parameters so far", line);
  best->add_option("--out", line.out, "write parameters (JSON) here, tensors (.npy) next to it");
  best->add_flag("--center", line.center, "the center of the search instead");
  CLI::App* worker = AddStudyVerb(app, "worker", "evaluate candidates with a command", line);
  worker->get_option("NAME")->description("the study; - for any that has work");
  worker
      ->add_option("--label", line.labels,
                   "KEY=VALUE, with -: of studies that have it; may be repeated")
      ->allow_extra_args(false);
  AddSimulatorOptions(worker, line, "evaluations at a time (default 1)");
  worker->add_option("--outage", line.outage_s, "seconds to wait for a server that went away")
      ->capture_default_str()
      ->check(ZeroOrMore());
  CLI::App* ask = AddStudyVerb(app, "ask", "lease one evaluation by hand", line);
  ask->add_option("--ttl", line.ttl, "how long you may take: 90s, 2h (default: the study's)");
  ask->add_option("--wait", line.wait_s, "seconds to wait for work")
      ->capture_default_str()
      ->check(ZeroOrMore());
  CLI::App* tell = AddStudyVerb(app, "tell", "answer an evaluation by hand", line);
  tell->add_option("--token", line.token, "from ask; base64 or hex")->required();
  CLI::Option* loss = tell->add_option("--loss", line.loss, "the loss");
  tell->add_option("--violation", line.violation, "by how much it violates constraints")
      ->needs(loss)
      ->check(ZeroOrMore());
  tell->add_option("--infeasible", line.infeasible, "a reason instead of a loss")->excludes(loss);
  tell->add_option("--step", line.step, "with a token that polystep did not print");
  tell->add_option("--index", line.index, "with a token that polystep did not print");
  CLI::App* minimize = AddVerb(app, "minimize", "server and workers in one process", line);
  minimize->add_option("--spec", line.spec, "StudySpec as ProtoJSON or YAML")->required();
  minimize->add_option("--data", line.data, "folder to keep the study in, and to resume from");
  AddSimulatorOptions(minimize, line, "evaluations at a time (default: one per core)");
}

std::string Missing(const CommandLine& line) {
  if ((line.verb == "worker" || line.verb == "minimize") && line.command.empty()) {
    return absl::StrCat(line.verb, ": no command; write it after --");
  }
  if (line.verb == "tell" && !line.loss && !line.infeasible) {
    return "tell: --loss X or --infeasible REASON is required";
  }
  return "";
}

}  // namespace

ParsedCommandLine ParseCommandLine(int argc, const char* const* argv) {
  ParsedCommandLine parsed;
  CommandLine& line = parsed.line;
  CLI::App app("Black-box optimization by ask and tell: studies, workers, results.", "polystep");
  app.set_version_flag("--version", "polystep " POLYSTEP_VERSION);
  app.fallthrough();
  app.require_subcommand(1);
  app.add_option("--server", line.server, "HOST:PORT of polystepd")
      ->envname("POLYSTEP_SERVER")
      ->capture_default_str();
  app.add_flag("--json", line.json, "print one JSON document");
  AddStudyVerbs(app, line);
  AddWorkVerbs(app, line);

  // The command is kept away from the parser, whatever it looks like.
  const char* const* end = argv + argc;
  const char* const* dashes = std::find_if(
      argv, end, [](const char* argument) { return std::string_view(argument) == "--"; });
  if (dashes != end) line.command.assign(dashes + 1, end);
  try {
    app.parse(static_cast<int>(dashes - argv), argv);
  } catch (const CLI::ParseError& error) {
    std::ostringstream text;
    int code = app.exit(error, text, text);
    parsed.exit_code = code == 0 ? kDone : kUsage;
    parsed.text = text.str();
    return parsed;
  }
  if (std::string missing = Missing(line); !missing.empty()) {
    parsed.exit_code = kUsage;
    parsed.text = absl::StrCat("polystep ", missing, "\n");
  }
  return parsed;
}

absl::StatusOr<absl::Duration> ParseDurationText(const std::string& text) {
  absl::Duration duration;
  double seconds = 0.0;
  if (absl::SimpleAtod(text, &seconds) && std::isfinite(seconds)) {
    duration = absl::Seconds(seconds);
  } else if (!absl::ParseDuration(text, &duration)) {
    return absl::InvalidArgumentError(absl::StrCat("'", text, "' is no duration: 90, 90s, 2h"));
  }
  if (duration <= absl::ZeroDuration()) {
    return absl::InvalidArgumentError(absl::StrCat("'", text, "' is not above 0"));
  }
  return duration;
}

}  // namespace polystep::cli
