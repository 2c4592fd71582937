#!/bin/bash
# The throughput bench (./dev bench throughput [OPTION...]): ours beside the machine's limits, then the
# peers' ask/tell loops. Options are throughput_bench's; --no-peers leaves the second part out.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../../.."

here=tests/bench/throughput
venv=build/peers-venv

peers=true
options=()
for option in "$@"; do
  if [[ $option == --no-peers ]]; then peers=false; else options+=("$option"); fi
done

POLYSTEP_BIN=$PWD/build/bin build/bin/throughput_bench "${options[@]}"
$peers || exit 0
if ! cmp -s $here/requirements.txt $venv/requirements.txt; then
  echo "== throughput: Python environment $venv" >&2
  /usr/bin/python3 -m venv $venv
  $venv/bin/pip install --quiet --disable-pip-version-check -r $here/requirements.txt
  cp $here/requirements.txt $venv/requirements.txt
fi
PYTHONDONTWRITEBYTECODE=1 $venv/bin/python -W ignore $here/peers.py
