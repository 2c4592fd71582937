// A study on a polystepd of its own, from its creation to its end, with everything that was
// acknowledged remembered.
//
// One thread at a time. Failures are GoogleTest's: look at HasFatalFailure() after a call.
#ifndef POLYSTEP_TESTS_E2E_CRASH_STUDY_RUN_H_
#define POLYSTEP_TESTS_E2E_CRASH_STUDY_RUN_H_

#include <memory>
#include <string>
#include <vector>

#include "tests/e2e/crash/answer_log.h"
#include "tests/e2e/crash/crew.h"
#include "tests/e2e/crash/server_process.h"
#include "tests/temp_folder.h"

namespace polystep {

class StudyRun {
 public:
  struct Options {
    v1::StudySpec spec = {};
    Simulator simulator = {};
    int workers = 1;
    bool unruly = false;
    std::string data = {};  // folder of the store; empty: a temporary one
  };

  explicit StudyRun(Options options);

  void Begin();  // starts the server, creates the study and sends the crew to work
  // A new server on the same folder and another port, which the crew does not know yet.
  void Restart(absl::Duration kill_after = absl::InfiniteDuration());
  void LetIn();  // the crew works with the present server from now on
  void GiveUp();

  // Tells everything that was ever acknowledged once more: all of it must be known already.
  void TellAllAgain();

  // Waits for the study's end and returns it.
  v1::Study Finish();

  AnswerLog& log() { return log_; }
  ServerProcess& server() { return *server_; }
  std::string server_log() const;  // what its servers said so far
  // Digests after each step; after Finish.
  const std::vector<std::string>& digests() const { return digests_; }

 private:
  client::Study Connect() const;

  const Options options_;
  TempFolder folder_;
  ServerAddress address_;
  AnswerLog log_;
  std::unique_ptr<ServerProcess> server_;
  std::unique_ptr<Crew> crew_;
  std::vector<std::string> digests_;
};

}  // namespace polystep

#endif  // POLYSTEP_TESTS_E2E_CRASH_STUDY_RUN_H_
