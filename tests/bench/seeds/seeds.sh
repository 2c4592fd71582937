#!/bin/bash
# The scoreboard (./dev bench seeds [OPTION...]; --help lists them): main.py on the system's Python.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../../.."
PYTHONDONTWRITEBYTECODE=1 exec /usr/bin/python3 tests/bench/seeds/main.py "$@"
