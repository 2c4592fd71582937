#include "client/cpp/study_readers.h"

#include <algorithm>

namespace polystep::client {
namespace {

constexpr size_t kMost = 64;  // studies

}  // namespace

StudyReader& StudyReaders::Add(const std::string& study, const v1::StudySpec& spec) {
  if (readers_.size() >= kMost) readers_.pop_back();
  return readers_.emplace_front(transport_, study, spec);
}

absl::StatusOr<StudyReaders::Opened> StudyReaders::Open(const v1::Lease& lease,
                                                        const CallOptions& options) {
  absl::StatusOr<StudyReader*> reader = Get(lease.study(), options);
  if (!reader.ok()) return reader.status();
  absl::StatusOr<std::shared_ptr<const LeaseChanges>> changes =
      (*reader)->opener.Open(lease, options);
  if (!changes.ok()) return changes.status();
  return Opened{*std::move(changes), (*reader)->decoder};
}

absl::StatusOr<StudyReader*> StudyReaders::Get(const std::string& study,
                                               const CallOptions& options) {
  auto found = std::find_if(readers_.begin(), readers_.end(),
                            [&](const StudyReader& reader) { return reader.study == study; });
  if (found != readers_.end()) {
    readers_.splice(readers_.begin(), readers_, found);
    return &readers_.front();
  }
  v1::GetStudyRequest request;
  request.set_name(study);
  absl::StatusOr<v1::Study> fetched = transport_->GetStudy(request, options);
  if (!fetched.ok()) return fetched.status();
  return &Add(study, fetched->spec());
}

}  // namespace polystep::client
