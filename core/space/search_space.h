// The map between typed values and the coordinates the optimizer moves.
//
// Every coordinate is a double. A bounded number, an integer, a discrete value and a boolean take
// one coordinate in [0, 1]; a categorical takes one per choice, also in [0, 1], and decodes to the
// largest; an unbounded real and a tensor element are their own coordinate (a tensor element is
// rounded to float on decoding). Decoding clamps first, so it never leaves the domain. Immutable
// and thread-safe after Create.
#ifndef POLYSTEP_CORE_SPACE_SEARCH_SPACE_H_
#define POLYSTEP_CORE_SPACE_SEARCH_SPACE_H_

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "core/space/coordinate_runs.h"
#include "core/space/parameter_spec.h"

namespace polystep {

inline constexpr int kMaxParameters = 4096;
inline constexpr int64_t kMaxCoordinates = 10'000'000;

// The value of one parameter: real and discrete as double, integer, boolean, categorical.
using Value = std::variant<double, int64_t, bool, std::string>;

// One decoded candidate, in the order of the specs.
struct Point {
  std::vector<Value> parameters;
  std::vector<std::vector<float>> tensors;  // row-major

  friend bool operator==(const Point&, const Point&) = default;
};

class SearchSpace {
 public:
  using Coordinate = polystep::Coordinate;

  // Errors: INVALID_ARGUMENT naming the field path below the study spec ("parameters[2].real.min"),
  // attached as by FieldError (core/base/field_error.h).
  static absl::StatusOr<SearchSpace> Create(std::vector<ParameterSpec> parameters,
                                            std::vector<TensorSpec> tensors);

  int64_t dimension() const { return static_cast<int64_t>(coordinates_.size()); }
  const CoordinateRuns& coordinates() const { return coordinates_; }
  const std::vector<ParameterSpec>& parameters() const { return parameters_; }
  const std::vector<TensorSpec>& tensors() const { return tensors_; }
  bool has_parameters() const { return !parameters_.empty(); }

  // Coordinates [first, first + size) of parameter `parameter`: one, or one per choice.
  struct Range {
    int64_t first;
    int64_t size;
  };
  Range CoordinatesOf(int parameter) const { return ranges_[static_cast<size_t>(parameter)]; }

  // Width of the lattice cell in which `value` lies; differs from coordinates()[i].spacing, the
  // mean, where integers lie on a curved scale. 0 for continuous coordinates.
  double CellWidth(int64_t coordinate, double value) const;

  // Moves every coordinate into its bounds; a NaN becomes the lower bound, or 0. Size: dimension().
  void Clamp(absl::Span<double> coordinates) const { Clamp(0, coordinates); }

  // The same for the coordinates from `first` on.
  void Clamp(int64_t first, absl::Span<double> coordinates) const;

  // The same for what candidates change: `width` values each, of which the first `size` are those
  // of its range.
  void Clamp(absl::Span<const Range> ranges, size_t width, absl::Span<double> values) const;

  // Size: dimension(). The result lies in the domain for any input.
  Point Decode(absl::Span<const double> coordinates) const;
  // Its parameters alone.
  std::vector<Value> DecodeParameters(absl::Span<const double> coordinates) const;

  // The values of tensor elements, as Decode gives them, for the coordinates from `first` on; all
  // of them are of tensors. Sizes of the spans are equal.
  void DecodeElements(int64_t first, absl::Span<const double> coordinates,
                      absl::Span<float> values) const;
  // The same for what candidates change, laid out as for Clamp. `values` gets those of all ranges
  // one after the other; returns how many.
  size_t DecodeElements(absl::Span<const Range> ranges, size_t width,
                        absl::Span<const double> coordinates, absl::Span<float> values) const;

  // A stable 128-bit-quality key of Decode(coordinates): two points with equal keys are equal
  // points. The bytes are canonical little-endian values.
  std::string DecodedKey(absl::Span<const double> coordinates) const;

  // Coordinates that decode to `point`. INVALID_ARGUMENT where a value is outside its domain.
  absl::StatusOr<std::vector<double>> Encode(const Point& point) const;

  // INVALID_ARGUMENT, naming the tensor and the first element at fault, unless uploaded start
  // values are there, as many as the tensor has elements and each inside its domain.
  absl::Status CheckUploads() const;

  // Start of the search: the initial values of the specs; tensors drawn from `seed`, or uploaded
  // (CheckUploads must hold).
  std::vector<double> InitialCoordinates(uint64_t seed) const;

  // Gives the memory of uploaded start values back. Before the space is shared.
  void DropUploads();

 private:
  SearchSpace() = default;

  void AddParameter(const ParameterSpec& parameter);
  void AddTensor(const TensorSpec& tensor);
  size_t TensorOf(int64_t coordinate) const;  // of one that is of a tensor
  absl::Status EncodeParameter(size_t parameter, const Value& value,
                               absl::Span<double> coordinates) const;
  absl::Status EncodeTensor(size_t tensor, absl::Span<const float> values,
                            absl::Span<double> coordinates) const;

  std::vector<ParameterSpec> parameters_;
  std::vector<TensorSpec> tensors_;
  CoordinateRuns coordinates_;
  std::vector<Range> ranges_;         // of parameters
  std::vector<Range> tensor_ranges_;  // of tensors
};

}  // namespace polystep

#endif  // POLYSTEP_CORE_SPACE_SEARCH_SPACE_H_
