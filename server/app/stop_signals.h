// SIGTERM, SIGINT and an event of our own, as something to wait for instead of a handler.
//
// Make one before the first thread, so that every thread inherits the blocked signals.
#ifndef POLYSTEP_SERVER_APP_STOP_SIGNALS_H_
#define POLYSTEP_SERVER_APP_STOP_SIGNALS_H_

#include "absl/time/time.h"

namespace polystep {

class StopSignals {
 public:
  StopSignals();
  ~StopSignals();
  StopSignals(const StopSignals&) = delete;
  StopSignals& operator=(const StopSignals&) = delete;

  // Takes one signal or notification; false if none came within `time`.
  bool Wait(absl::Duration time);

  // Wakes one Wait. Thread-safe.
  void Notify();

 private:
  int signal_fd_;
  int event_fd_;
};

}  // namespace polystep

#endif  // POLYSTEP_SERVER_APP_STOP_SIGNALS_H_
