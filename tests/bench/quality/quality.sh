#!/bin/bash
# The quality bench (./dev bench quality [OPTION...]; --help lists them): its Python environment
# build/quality-venv, our client with stubs of its own, then main.py. Run again it only looks.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../../.."

here=tests/bench/quality
venv=build/quality-venv
client=build/quality-client

install_peers() {
  cmp -s $here/requirements.txt $venv/requirements.txt && return
  echo "== quality: Python environment $venv" >&2
  /usr/bin/python3 -m venv $venv
  $venv/bin/pip install --quiet --disable-pip-version-check -r $here/requirements.txt
  cp $here/requirements.txt $venv/requirements.txt
}

# A copy, because the stubs in the checkout are generated for another environment.
copy_client() {
  local stamp=$client/stamp
  if [[ -f $stamp && -z $(find client/python/src client/python/make_stubs.py proto \
    -path '*/_generated' -prune -o -type f -newer $stamp -not -name '*.pyc' -print -quit) ]]; then
    return
  fi
  rm -rf $client
  mkdir -p $client
  cp -r client/python/src/polystep_client $client/
  rm -rf $client/polystep_client/_generated
  $venv/bin/python client/python/make_stubs.py --out $client/polystep_client/_generated
  touch $stamp
}

install_peers
copy_client
# One thread a run: the runs are what is done in parallel.
export OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 PYTHONDONTWRITEBYTECODE=1
PYTHONPATH=$client exec $venv/bin/python $here/main.py "$@"
