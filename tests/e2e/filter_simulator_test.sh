#!/bin/sh
# The simulator of client/examples/filter: known designs give their known loss, bad values an error.
# Runs in the root of the tree; exit code 77 means skipped.
simulate=client/examples/filter/simulate
failures=0

if ! command -v ngspice >/dev/null; then
  echo "skipped: ngspice is not installed (./dev setup installs it)"
  exit 77
fi

# expect_loss NAME LOSS VALUE...: within 1 mdB of LOSS.
expect_loss() {
  name=$1 expected=$2
  shift 2
  loss=$($simulate "$@") || loss=none
  if echo "$loss $expected" | awk '{ d = $1 - $2; exit !($1 != "none" && d < 0.001 && d > -0.001) }'; then
    echo "ok: $name: $loss"
  else
    echo "FAILED: $name: expected $expected dB, got $loss"
    failures=$((failures + 1))
  fi
}

# expect_failure NAME CODE VALUE...: that exit code, nothing on standard output.
expect_failure() {
  name=$1 expected=$2
  shift 2
  output=$($simulate "$@" 2>/dev/null)
  code=$?
  if [ $code -eq "$expected" ] && [ -z "$output" ]; then
    echo "ok: $name: exit code $code"
  else
    echo "FAILED: $name: expected exit code $expected, got $code and '$output'"
    failures=$((failures + 1))
  fi
}

r="10000 10000 10000 10000 10000 10000"
# Chebyshev, all poles for a ripple of 0.1 and 0.2 dB above 0 dB: the loss is ripple - 0.5 but for
# the op-amps. The loss to the fifth digit is that of a nodal analysis of the same circuit.
expect_loss Chebyshev_Ripple0.1_MeetsMask -0.388256 \
  $r 3.718e-08 2.587e-08 5.079e-08 7.162e-09 1.388e-07 1.616e-09
expect_loss Chebyshev_Ripple0.2_MeetsMask -0.291658 \
  $r 4.328e-08 2.762e-08 5.913e-08 6.643e-09 1.615e-07 1.455e-09
# Standard values only.
expect_loss StandardValues_TunedDesign_MeetsMask -0.316670 \
  5100 24000 62000 24000 12000 12000 3.9e-08 1.5e-08 1e-08 1.8e-09 8.2e-08 1.8e-09
# Six equal poles at 1.6 kHz miss the pass band by far.
expect_loss EqualPoles_MissesMask 15.3106 $r 1e-8 1e-8 1e-8 1e-8 1e-8 1e-8

expect_failure OneValueShort_Fails 64 $r 1e-8 1e-8 1e-8 1e-8 1e-8
expect_failure NotANumber_Fails 64 $r 1e-8 1e-8 1e-8 1e-8 1e-8 nan
expect_failure NetlistInjection_Fails 64 $r 1e-8 1e-8 1e-8 1e-8 1e-8 "1e-8
.end"
expect_failure TwoValuesInOne_Fails 1 $r 1e-8 1e-8 1e-8 1e-8 1e-8 "1e-8 2"
expect_failure Malformed_Fails 1 $r 1e-8 1e-8 1e-8 1e-8 1e-8 1.2.3
expect_failure Zero_Fails 1 $r 1e-8 1e-8 1e-8 1e-8 1e-8 0
expect_failure Negative_Fails 1 $r 1e-8 1e-8 1e-8 1e-8 1e-8 -1e-8
expect_failure Overflow_Fails 1 $r 1e-8 1e-8 1e-8 1e-8 1e-8 1e400

exit $((failures > 0))
