// polystep-rl: policies for CartPole-v1 and Acrobot-v1 through PolyStep Service. See README.md in
// this folder.
#include <CLI/CLI.hpp>
#include <iostream>
#include <map>
#include <string>

#include "client/cli/number_limits.h"
#include "client/cli/stop_on_signal.h"
#include "client/examples/rl/run.h"

int main(int argc, char** argv) {
  using polystep::rl::PolicyKind;
  using polystep::rl::TaskKind;
  const std::map<std::string, TaskKind> tasks = {{"cartpole", TaskKind::kCartPole},
                                                 {"acrobot", TaskKind::kAcrobot}};
  const std::map<std::string, PolicyKind> policies = {
      {"float", PolicyKind::kFloat}, {"int8", PolicyKind::kInt8}, {"binary", PolicyKind::kBinary}};
  polystep::rl::RunOptions options;
  CLI::App app("Policies for CartPole-v1 and Acrobot-v1 by black-box optimization.", "polystep-rl");
  std::string task;
  std::string policy = "float";
  app.add_option("--task", task, "what is to be done")
      ->required()
      ->check(CLI::IsMember({"cartpole", "acrobot"}));
  app.add_option("--policy", policy, "its weights")
      ->check(CLI::IsMember({"float", "int8", "binary"}))
      ->capture_default_str();
  app.add_option("--server", options.server,
                 "HOST:PORT of polystepd, or embedded: a server in this process")
      ->capture_default_str();
  app.add_option("--study", options.study.study,
                 "name of the study (default: made of the task, the policy and the seed)");
  app.add_option("--slots", options.slots, "threads that evaluate")
      ->check(CLI::Range(1, 4096))
      ->capture_default_str();
  app.add_option("--seed", options.study.seed, "of the search and of all episodes")
      ->capture_default_str();
  app.add_option("--max-evaluations", options.study.evaluations,
                 "ends after so many (default: those of the paper)")
      ->check(polystep::cli::AboveZero());
  app.add_flag("--eval", options.evaluate_only,
               "only judge the best policy of a study that is there");
  app.add_flag("--json", options.json, "one JSON object instead of text");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  options.study.task.kind = tasks.at(task);
  options.study.task.policy = policies.at(policy);
  const std::stop_token stop = polystep::cli::StopOnSignal(1);
  return polystep::rl::Run(options, std::cout, std::cerr, stop);
}
