// What the C++ SDK costs a candidate: RunWorker on block-encoded flips of a million bits, with an
// evaluator that looks at its changes only and a transport that answers from memory.
//
//   sdk_bench [SLOTS [BATCH [LEASES]]]
//
// Prints candidates a second, over everything between a lease's message and the tell's message.
#include <chrono>
#include <cstdlib>
#include <iostream>
#include <string>
#include <vector>

#include "client/cpp/block_decoder.h"
#include "client/cpp/worker.h"
#include "tests/unit/client/fake_transport.h"

namespace polystep::client {
namespace {

constexpr uint32_t kCount = 65'536;
constexpr uint32_t kBits = 1'000'000;
// XXH3 of a million floats of 0.
constexpr char kCenterId[] = "4e2905f444c6896b32a50c4482e59270";

uint64_t AddWord(uint32_t word, uint64_t hash) {
  for (int i = 0; i < 4; ++i) hash = (hash ^ (word >> (8 * i) & 0xff)) * 1099511628211ULL;
  return hash;
}

class LeaseSource : public FakeTransport {
 public:
  LeaseSource(int leases, std::string center_id) : left_(leases) {
    study.mutable_spec()->clear_parameters();
    v1::TensorSpec& tensor = *study.mutable_spec()->add_tensors();
    tensor.set_name("b");
    tensor.add_shape(kBits);
    tensor.set_kind(v1::TensorSpec::BINARY);
    v1::CenterChunk chunk;
    chunk.set_dimension(kBits);
    chunk.set_bits(std::string(kBits / 8, '\0'));
    chunk.set_bit_count(kBits);
    centers[center_id] = {chunk};
    lease_.set_count(kCount);
    lease_.mutable_ttl()->set_seconds(60);
    v1::BlockCandidates& block = *lease_.mutable_block();
    block.set_center_id(center_id);
    block.set_block_size(1);
    for (uint32_t i = 0; i < kCount; ++i) block.add_offsets((i * 7919u) % kBits);
    block.set_bits(std::string(kCount / 8, '\xff'));
    uint64_t check = 14695981039346656037ULL;
    for (char digit : center_id) check = (check ^ static_cast<uint8_t>(digit)) * 1099511628211ULL;
    for (uint32_t i : {0u, kCount - 1}) {
      check = AddWord(0x3f800000, AddWord(0, AddWord(block.offsets(static_cast<int>(i)), check)));
    }
    block.set_check(check);
  }

  absl::StatusOr<v1::AskResponse> Ask(const v1::AskRequest&, const CallOptions&) override {
    v1::AskResponse response;
    response.set_study_state(left_ > 0 ? v1::Study::ACTIVE : v1::Study::SUCCEEDED);
    if (left_-- <= 0) return response;
    *response.mutable_lease() = lease_;
    response.mutable_lease()->set_token(std::to_string(left_));
    return response;
  }
  absl::StatusOr<v1::TellResponse> Tell(const v1::TellRequest& request,
                                        const CallOptions&) override {
    v1::TellResponse response;
    for (const v1::LossSlice& slice : request.slices()) {
      response.set_accepted(response.accepted() + static_cast<uint32_t>(slice.losses_size()));
    }
    told += response.accepted();
    return response;
  }

  int64_t told = 0;  // by the courier

 private:
  int left_;  // of the asking thread
  v1::Lease lease_;
};

int Run(int slots, uint32_t batch, int leases) {
  auto transport = std::make_shared<LeaseSource>(leases, kCenterId);
  const auto evaluate = [](absl::Span<const Candidate> candidates, const EvaluationContext&) {
    std::vector<EvaluationResult> results;
    results.reserve(candidates.size());
    for (const Candidate& candidate : candidates) {
      double loss = 0.0;
      for (const Change& change : candidate.changes()) loss += change.value * change.coordinate;
      results.emplace_back(loss);
    }
    return results;
  };
  const auto start = std::chrono::steady_clock::now();
  WorkerSummary summary =
      RunWorker(transport, "studies/s", evaluate, {.slots = slots, .batch_size = batch});
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
  if (!summary.status.ok()) {
    std::cerr << summary.status << "\n";
    return 1;
  }
  std::cout << "slots " << slots << ", batch " << batch << ": " << summary.evaluations
            << " candidates, " << static_cast<double>(summary.evaluations) / seconds.count() / 1e6
            << " M/s\n";
  return 0;
}

}  // namespace
}  // namespace polystep::client

int main(int argc, char** argv) {
  const int slots = argc > 1 ? std::atoi(argv[1]) : 1;
  const int batch = argc > 2 ? std::atoi(argv[2]) : 16'384;
  const int leases = argc > 3 ? std::atoi(argv[3]) : 200;
  return polystep::client::Run(slots, static_cast<uint32_t>(batch), leases);
}
