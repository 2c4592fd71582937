#!/bin/bash
# What is too slow for ./dev test: many more seeds of the deterministic simulation, then the image.
# POLYSTEP_SOAK_SEEDS sets the number of seeds.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
source deploy/dev/common.sh

seeds=${POLYSTEP_SOAK_SEEDS:-5000}
say "soak: $seeds seeds of the simulation"
POLYSTEP_SIM_SEEDS=$seeds build/tests/simulation_test

say "soak: container image"
tests/deploy/image_test.sh
