#!/bin/bash
# The scale bench (./dev bench scale [OPTION...]); options are scale_bench's.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../../.."
mkdir -p build/bench
build/bin/scale_bench "$@" | tee build/bench/scale.md
