// How many rows a noisy step needs: more where the search no longer gets better for certain.
//
// Ranks are signal as long as steps make progress. Mean losses of steps are gathered in windows; a
// window whose mean is not below the one before by some standard errors says that noise has taken
// over, and the next steps get more rows: more antithetic pairs beat repeats of the same ones,
// since they average over directions too. Clear progress takes rows back. In the spirit of
// UH-CMA-ES (Hansen et al., IEEE TEC 13(1), 2009) and population size adaptation (Nishida &
// Akimoto, GECCO 2018), without evaluations of its own. A plain value; pure.
#ifndef POLYSTEP_CORE_METHOD_NOISE_ROWS_H_
#define POLYSTEP_CORE_METHOD_NOISE_ROWS_H_

#include <cstdint>

#include "core/base/bytes.h"
#include "core/method/step_rule.h"

namespace polystep {

class NoiseRows {
 public:
  struct Limits {
    uint32_t least = 1;
    uint32_t most = 1;
  };

  // Rows of the next step, from the answers of one of `rows` rows. `dimension` coordinates move.
  uint32_t After(const StepAnswers& answers, uint32_t rows, size_t dimension, const Limits& limits);

  void Save(ByteWriter& writer) const;
  bool Restore(ByteReader& reader);

 private:
  // Mean losses of steps, relative to the first one so that sums keep their digits.
  struct Window {
    double origin = 0.0;
    double sum = 0.0;
    double squares = 0.0;
    double steps = 0.0;
    double evaluations = 0.0;

    void Add(double loss, double count);
    double mean() const { return origin + sum / steps; }
    double variance_of_mean() const;
  };

  Window before_;
  Window now_;
};

}  // namespace polystep

#endif  // POLYSTEP_CORE_METHOD_NOISE_ROWS_H_
