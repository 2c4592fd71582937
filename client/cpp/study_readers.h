// What it takes to read the leases of each study that a worker serves: its spec, and the centers of
// its last steps. Fetched with a study's first lease and kept; of a pool's many studies those used
// last. Not thread-safe: of the asking thread.
#ifndef POLYSTEP_CLIENT_CPP_STUDY_READERS_H_
#define POLYSTEP_CLIENT_CPP_STUDY_READERS_H_

#include <list>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "client/cpp/lease_decoder.h"
#include "client/cpp/lease_opener.h"
#include "client/cpp/transport.h"

namespace polystep::client {

struct StudyReader {
  StudyReader(std::shared_ptr<Transport> transport, std::string name, const v1::StudySpec& spec)
      : study(name),
        decoder(std::make_shared<const LeaseDecoder>(spec)),
        opener(std::move(transport), std::move(name), decoder.get()) {}

  const std::string study;
  const std::shared_ptr<const LeaseDecoder> decoder;
  LeaseOpener opener;
};

class StudyReaders {
 public:
  explicit StudyReaders(std::shared_ptr<Transport> transport) : transport_(std::move(transport)) {}

  // Valid until the next call.
  StudyReader& Add(const std::string& study, const v1::StudySpec& spec);

  struct Opened {
    std::shared_ptr<const LeaseChanges> changes;  // null: the lease has whole candidates
    std::shared_ptr<const LeaseDecoder> decoder;
  };
  // What the lease's candidates are read with. Errors of GetStudy and of LeaseOpener::Open.
  absl::StatusOr<Opened> Open(const v1::Lease& lease, const CallOptions& options);

  // Of the study whose lease was opened last; empty: none.
  std::string known_center_id() const {
    return readers_.empty() ? "" : readers_.front().opener.known_center_id();
  }

 private:
  // Valid until the next call.
  absl::StatusOr<StudyReader*> Get(const std::string& study, const CallOptions& options);

  std::shared_ptr<Transport> transport_;
  std::list<StudyReader> readers_;  // the last used first
};

}  // namespace polystep::client

#endif  // POLYSTEP_CLIENT_CPP_STUDY_READERS_H_
