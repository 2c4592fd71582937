#!/bin/bash
# What is too slow for ./dev test: many more seeds of the deterministic simulation, the same digests
# from clang, then the image.
# POLYSTEP_SOAK_SEEDS sets the number of seeds.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
source deploy/dev/common.sh

seeds=${POLYSTEP_SOAK_SEEDS:-5000}
say "soak: $seeds seeds of the simulation"
POLYSTEP_SIM_SEEDS=$seeds build/tests/simulation_test

say "soak: the digests of fixed studies in a build by another compiler"
cmake --preset clang >/dev/null
cmake --build build-clang -j "$(jobs_here)" --target digest_test
POLYSTEP_BIN=$PWD/build-clang/bin build-clang/tests/digest_test
GLIBC_TUNABLES=glibc.cpu.hwcaps=-FMA,-FMA4,-AVX2,-AVX512F POLYSTEP_BIN=$PWD/build-clang/bin \
  build-clang/tests/digest_test

say "soak: minimize on a rotated ellipsoid, ten seeds"
tests/e2e/ellipsoid.sh build/bin/polystep 10 9

say "soak: container image"
tests/deploy/image_test.sh
