// polystep-nets: networks that gradients cannot train, through PolyStep Service. See README.md in
// this folder.
#include <google/protobuf/util/json_util.h>
#include <malloc.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <iostream>
#include <stop_token>
#include <string>

#include "client/cli/number_limits.h"
#include "client/cli/stop_on_signal.h"
#include "client/examples/nets/train.h"

namespace {

using polystep::nets::TrainOptions;

// What the command line says of the search.
struct SearchWords {
  std::string method;
  std::string optimizer;
};

void AddOptions(CLI::App& app, TrainOptions& options, std::string& task, SearchWords& search) {
  app.add_option("--task", task, "the network")
      ->required()
      ->check(CLI::IsMember(polystep::nets::TaskNames()));
  app.add_option("--server", options.server,
                 "HOST:PORT of polystepd, or embedded: a server in this process")
      ->capture_default_str();
  app.add_option("--study", options.study.study,
                 "name of the study (default: made of the task and the seed)");
  app.add_option("--data", options.data, "folder of the IDX files")->capture_default_str();
  app.add_option("--batch", options.batch.first, "samples of the first mini-batch")
      ->check(CLI::Range(1, 1'000'000))
      ->capture_default_str();
  app.add_option("--batch-growth", options.batch.growth,
                 "mini-batches grow as the root of 1 + steps / N; 0: they do not")
      ->check(CLI::Range(0, 1'000'000))
      ->capture_default_str();
  app.add_option("--validation", options.validation,
                 "training images, the last ones, kept for scores")
      ->check(polystep::cli::AboveZero())
      ->capture_default_str();
  app.add_option("--slots", options.slots, "threads that evaluate (default: one a core)")
      ->check(CLI::Range(1, 4096));
  app.add_option("--lease", options.lease, "most evaluations of one lease (default: the server's)")
      ->check(CLI::Range(1, 65536));
  app.add_option("--evaluations", options.study.max_evaluations,
                 "ends after so many, and plans the search for them")
      ->check(polystep::cli::AboveZero());
  app.add_option("--seed", options.study.seed, "of the search")->capture_default_str();
  app.add_option("--method", search.method,
                 "of the optimizer, as in its spec (default: POLYSTEP_ROWS)");
  app.add_option("--optimizer", search.optimizer, "OptimizerSpec as JSON, for comparisons")
      ->excludes("--method");
  app.add_option("--score-every", options.study.score_every,
                 "steps between scores on the validation images (default: the server's)");
  app.add_option("--time-limit", options.time_limit_s, "seconds")
      ->check(polystep::cli::AboveZero());
  app.add_flag("--eval", options.only_score,
               "only print loss and accuracy of the study's best weights");
}

// Leases of some megabytes come and go a hundred times a second: keep their memory.
void KeepMemory() {
#ifdef __GLIBC__
  constexpr int kBytes = 1 << 28;
  mallopt(M_TRIM_THRESHOLD, kBytes);
  mallopt(M_MMAP_THRESHOLD, kBytes);
#endif
}

// False, with a line on standard error, if the words mean nothing.
bool ReadSearch(const SearchWords& search, polystep::v1::OptimizerSpec& optimizer) {
  if (!search.method.empty()) {
    polystep::v1::OptimizerSpec::Method method{};
    if (!polystep::v1::OptimizerSpec::Method_Parse(search.method, &method)) {
      std::cerr << "polystep-nets: no method '" << search.method << "'\n";
      return false;
    }
    optimizer.set_method(method);
  }
  if (search.optimizer.empty()) return true;
  const auto status = google::protobuf::util::JsonStringToMessage(search.optimizer, &optimizer);
  if (!status.ok()) std::cerr << "polystep-nets: --optimizer: " << status.message() << "\n";
  return status.ok();
}

}  // namespace

int main(int argc, char** argv) {
  KeepMemory();
  TrainOptions options;
  options.server = "embedded";
  options.data = "/usr/share/datasets/fashion-mnist";  // where Debian's package has it
  std::string task;
  SearchWords search;
  CLI::App app("Trains the networks of the PolyStep paper with nothing but losses.",
               "polystep-nets");
  AddOptions(app, options, task, search);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  options.task = *polystep::nets::TaskOf(task);
  if (!ReadSearch(search, options.study.optimizer)) return 2;
  const std::stop_token stop = polystep::cli::StopOnSignal(1);
  return polystep::nets::Train(options, std::cout, std::cerr, ::isatty(STDERR_FILENO) == 1, stop);
}
