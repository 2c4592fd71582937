// Checks of parameter and tensor specs before a space is built of them.
//
// Errors are INVALID_ARGUMENT with field paths below the study spec. Pure functions.
#ifndef POLYSTEP_CORE_SPACE_SPEC_VALIDATION_H_
#define POLYSTEP_CORE_SPACE_SPEC_VALIDATION_H_

#include <cstdint>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "core/space/parameter_spec.h"

namespace polystep {

inline constexpr size_t kMaxNameBytes = 128;
inline constexpr size_t kMaxChoiceBytes = 256;
inline constexpr size_t kMaxDiscreteValues = 10'000;
inline constexpr size_t kMaxChoices = 1'000;
inline constexpr size_t kMaxTensorRank = 8;
inline constexpr int64_t kMaxInteger = int64_t{1} << 53;
inline constexpr double kMaxTensorInteger = 16'777'216.0;  // 2^24: exact as float

bool IsValidUtf8(std::string_view text);

// Names, bounds, scales, values, choices, initial values.
absl::Status ValidateParameters(const std::vector<ParameterSpec>& parameters);
absl::Status ValidateTensors(const std::vector<TensorSpec>& tensors);

// Every name is used once, over both lists.
absl::Status ValidateUniqueNames(const std::vector<ParameterSpec>& parameters,
                                 const std::vector<TensorSpec>& tensors);

// Number of coordinates; INVALID_ARGUMENT above `limit` (never overflows).
absl::StatusOr<int64_t> CountCoordinates(const std::vector<ParameterSpec>& parameters,
                                         const std::vector<TensorSpec>& tensors, int64_t limit);

}  // namespace polystep

#endif  // POLYSTEP_CORE_SPACE_SPEC_VALIDATION_H_
