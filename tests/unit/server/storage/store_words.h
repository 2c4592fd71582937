// The words that tests of the store share.
#ifndef POLYSTEP_TESTS_UNIT_SERVER_STORAGE_STORE_WORDS_H_
#define POLYSTEP_TESTS_UNIT_SERVER_STORAGE_STORE_WORDS_H_

#include <future>
#include <string>
#include <utility>
#include <vector>

#include "server/storage/storage.h"

namespace polystep {

inline PutStudy Study(std::string uid, std::string bytes = "spec") {
  return {{.uid = uid, .id = "id-" + uid, .bytes = std::move(bytes)}};
}
inline AppendAnswers Answers(std::string uid, int64_t step, std::string bytes) {
  return {std::move(uid), {step, std::move(bytes)}};
}

// Commits and waits for the answer.
inline absl::Status CommitNow(Storage& storage, std::vector<Mutation> mutations) {
  std::promise<absl::Status> promise;
  std::future<absl::Status> result = promise.get_future();
  storage.Commit(std::move(mutations),
                 [&promise](absl::Status status) { promise.set_value(std::move(status)); });
  return result.get();
}

}  // namespace polystep

#endif  // POLYSTEP_TESTS_UNIT_SERVER_STORAGE_STORE_WORDS_H_
