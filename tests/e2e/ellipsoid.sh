#!/bin/sh
# polystep minimize on a rotated 10-D ellipsoid (condition 1e6) whose simulator is awk:
#   ellipsoid.sh POLYSTEP SEEDS NEEDED
# Seeds 1..SEEDS; at least NEEDED of them must reach 1e-6 within 7,000 evaluations.
set -eu
polystep=$1
seeds=$2
needed=$3
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# The rotation is a chain of plane rotations by angles that are no simple fractions of a turn.
cat >"$scratch/ellipsoid.awk" <<'AWK'
BEGIN {
  n = split(point, x, ",")
  for (i = 1; i <= n; ++i) x[i] -= (i % 2 ? 0.7 : -1.3)
  for (i = 1; i < n; ++i)
    for (j = i + 1; j <= n; ++j) {
      angle = 0.9 * i + 1.7 * j
      a = cos(angle) * x[i] - sin(angle) * x[j]
      x[j] = sin(angle) * x[i] + cos(angle) * x[j]
      x[i] = a
    }
  for (i = 1; i <= n; ++i) sum += exp(log(1e6) * (i - 1) / (n - 1)) * x[i] * x[i]
  printf "%.17g\n", sum
}
AWK

reached=0
seed=1
while [ "$seed" -le "$seeds" ]; do
  {
    echo "seed: $seed"
    echo "stop: {target_loss: 1e-6, max_evaluations: 7000}"
    echo "parameters:"
    for i in 0 1 2 3 4 5 6 7 8 9; do echo "- {name: x$i, real: {min: -5, max: 5}}"; done
  } >"$scratch/spec.yaml"
  "$polystep" minimize --spec "$scratch/spec.yaml" -- \
    awk -v 'point={x0},{x1},{x2},{x3},{x4},{x5},{x6},{x7},{x8},{x9}' -f "$scratch/ellipsoid.awk" \
    >"$scratch/result" 2>"$scratch/progress"
  # "best loss 4.2e-07 after 4300 evaluations in 215 steps, 8.1 s"
  loss=$(sed -n 's/^best loss \([^ ]*\) after.*/\1/p' "$scratch/result")
  evaluations=$(sed -n 's/^best loss [^ ]* after \([0-9]*\) .*/\1/p' "$scratch/result")
  if awk -v loss="$loss" 'BEGIN { exit !(loss != "" && loss + 0 <= 1e-6) }'; then
    reached=$((reached + 1))
  fi
  echo "seed $seed: loss $loss after $evaluations evaluations"
  seed=$((seed + 1))
done
echo "ellipsoid: $reached of $seeds seeds reached 1e-6 within 7,000 evaluations"
[ "$reached" -ge "$needed" ]
