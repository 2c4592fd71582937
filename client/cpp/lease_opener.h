// From a lease as it came to one that can be evaluated: checked, its center taken or fetched, its
// changes decoded. Keeps the centers of the last steps. Not thread-safe.
#ifndef POLYSTEP_CLIENT_CPP_LEASE_OPENER_H_
#define POLYSTEP_CLIENT_CPP_LEASE_OPENER_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "client/cpp/block_decoder.h"
#include "client/cpp/center_cache.h"
#include "client/cpp/lease_decoder.h"
#include "client/cpp/transport.h"

namespace polystep::client {

class LeaseOpener {
 public:
  // `decoder` outlives the opener.
  LeaseOpener(std::shared_ptr<Transport> transport, std::string study, const LeaseDecoder* decoder);

  // The changes of a block-encoded lease; null of one with whole candidates. NOT_FOUND if its step
  // was committed meanwhile: the lease is given back then. INTERNAL for one that does not hold what
  // it promises.
  absl::StatusOr<std::shared_ptr<const LeaseChanges>> Open(const v1::Lease& lease,
                                                           const CallOptions& options);

  // Of the center that a lease need not bring; empty: none.
  std::string known_center_id() const { return centers_.known_id(); }

 private:
  std::shared_ptr<Transport> transport_;
  const std::string study_;
  const LeaseDecoder* const decoder_;
  CenterCache centers_;
};

}  // namespace polystep::client

#endif  // POLYSTEP_CLIENT_CPP_LEASE_OPENER_H_
