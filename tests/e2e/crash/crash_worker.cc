// A worker that is made to be killed: crash_worker ADDRESS_FILE STUDY typed|bits
// Works for the server that the file names until the study ends, whatever becomes of the server.
#include <chrono>
#include <fstream>
#include <iostream>
#include <string>
#include <thread>

#include "client/cpp/client.h"
#include "tests/e2e/crash/reference_study.h"

namespace polystep {
namespace {

std::string AddressIn(const std::string& path) {
  std::string address;
  std::ifstream(path) >> address;
  return address;
}

bool IsOutage(const absl::Status& status) {
  return absl::IsUnavailable(status) || absl::IsDeadlineExceeded(status) ||
         absl::IsCancelled(status);
}

int Work(const std::string& address_file, const std::string& study, bool typed) {
  auto evaluate = [typed](const client::Candidate& candidate, const client::EvaluationContext&) {
    // The simulator's own time, so that there is something to be killed at.
    std::this_thread::sleep_for(std::chrono::microseconds(200));
    return typed ? ReferenceLoss(candidate) : BitLoss(candidate);
  };
  client::RetryOptions retry;
  retry.total = absl::Milliseconds(200);  // then the file may name another
  while (true) {
    client::Client client = client::Client::Connect(AddressIn(address_file), retry);
    const absl::Status status = client.GetStudy(study).RunWorker(evaluate, {}).status;
    if (status.ok()) return 0;
    if (IsOutage(status)) continue;
    std::cerr << "crash_worker: " << status << "\n";
    return 1;
  }
}

}  // namespace
}  // namespace polystep

int main(int argc, char** argv) {
  if (argc != 4) return 2;
  return polystep::Work(argv[1], argv[2], std::string(argv[3]) == "typed");
}
