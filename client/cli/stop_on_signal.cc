#include "client/cli/stop_on_signal.h"

#include <signal.h>
#include <unistd.h>

#include <thread>

namespace polystep::cli {

std::stop_token StopOnSignal(int exit_status) {
  sigset_t signals;
  ::sigemptyset(&signals);
  for (int signal : {SIGINT, SIGTERM, SIGHUP}) ::sigaddset(&signals, signal);
  ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::stop_source stop;
  std::thread waiter([signals, stop, exit_status]() mutable {
    int signal = 0;
    ::sigwait(&signals, &signal);
    stop.request_stop();
    ::sigwait(&signals, &signal);  // the second one does not wait for anything
    ::_exit(exit_status);
  });
  waiter.detach();
  return stop.get_token();
}

}  // namespace polystep::cli
