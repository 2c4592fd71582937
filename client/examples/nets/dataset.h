// Labelled images in three parts, and mini-batches of them. Const after it was made: thread-safe.
#ifndef POLYSTEP_CLIENT_EXAMPLES_NETS_DATASET_H_
#define POLYSTEP_CLIENT_EXAMPLES_NETS_DATASET_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "client/examples/nets/batch.h"

namespace polystep::nets {

enum class Split : uint8_t {
  kTraining,    // all but the last 5,000 images of the training file
  kValidation,  // those
  kTest,        // the test file
};

// Images as bytes, row after row, and a label each.
struct LabelledImages {
  size_t pixels = 0;  // of one image
  std::vector<uint8_t> images;
  std::vector<uint8_t> labels;
};

class Dataset {
 public:
  // The four IDX files that MNIST and its likes come in (train-images-idx3-ubyte and so on, with
  // or without .gz). NOT_FOUND or INVALID_ARGUMENT with the file's name.
  static absl::StatusOr<Dataset> Read(const std::string& folder, size_t validation = 5000);
  // INVALID_ARGUMENT if there are no images, or lengths or labels (below kClasses) do not fit.
  static absl::StatusOr<Dataset> Of(LabelledImages training, LabelledImages test,
                                    size_t validation);

  size_t pixels() const { return training_.pixels; }
  size_t size(Split split) const;
  // Of the pixels of the whole training file, as shares of 255, to four digits: 0.1307 and 0.3081
  // of MNIST, 0.2860 and 0.3530 of Fashion-MNIST.
  float mean() const { return mean_; }
  float deviation() const { return deviation_; }

  // Tells data sets and their splits apart. Looks at everything: tens of milliseconds.
  uint64_t fingerprint() const;

  // `count` training images (or all, if there are fewer) without repeats, drawn from `seed` alone.
  // Uses `threads` threads; so does All.
  Batch Draw(uint64_t seed, size_t count, int threads = 1) const;
  // All images of a part, in order.
  Batch All(Split split, int threads = 1) const;

 private:
  void SetNormalisation();
  const LabelledImages& Source(Split split) const {
    return split == Split::kTest ? test_ : training_;
  }

  LabelledImages training_, test_;  // the validation set is the end of training_
  size_t validation_ = 0;
  float mean_ = 0.0f, deviation_ = 1.0f;
};

}  // namespace polystep::nets

#endif  // POLYSTEP_CLIENT_EXAMPLES_NETS_DATASET_H_
