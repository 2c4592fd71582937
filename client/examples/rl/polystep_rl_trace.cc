// polystep-rl-trace TASK: plays given actions from given states, for comparison with other
// implementations. Each line of standard input is four numbers and an action; each line of output
// the next state, the reward and 1 where the episode is over. An action alone goes on from the last
// state. Exit status: 0 done, 2 bad usage or input.
#include <CLI/CLI.hpp>
#include <array>
#include <iostream>
#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/str_format.h"
#include "client/examples/rl/acrobot.h"
#include "client/examples/rl/cart_pole.h"

namespace {

template <class Environment>
int Play() {
  typename Environment::State state{};
  std::string line;
  for (int number = 1; std::getline(std::cin, line); ++number) {
    std::istringstream stream(line);
    std::vector<double> values;
    for (double value = 0.0; stream >> value;) values.push_back(value);
    if (!stream.eof() || (values.size() != 1 && values.size() != 5)) {
      std::cerr << "line " << number << ": four numbers and an action, or an action, are wanted\n";
      return 2;
    }
    if (values.size() == 5) std::copy_n(values.begin(), 4, state.begin());
    const auto outcome = Environment::Step(state, static_cast<int>(values.back()));
    state = outcome.state;
    std::cout << absl::StrFormat("%.17g %.17g %.17g %.17g %g %d\n", state[0], state[1], state[2],
                                 state[3], outcome.reward, outcome.terminated ? 1 : 0);
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  std::string task;
  CLI::App app("Plays actions, on standard input.", "polystep-rl-trace");
  app.add_option("TASK", task, "cartpole or acrobot")
      ->required()
      ->check(CLI::IsMember({"cartpole", "acrobot"}));
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  return task == "cartpole" ? Play<polystep::rl::CartPole>() : Play<polystep::rl::Acrobot>();
}
