#!/bin/sh
# Generates the stubs and runs the tests in this checkout: run_tests.sh PYTHON [PYTEST ARGUMENT...]
# The server is POLYSTEP_BIN/polystepd, build/bin/polystepd by default.
set -eu
python=$1
shift
if [ ! -x "$python" ]; then
  echo "skipped: there is no $python; ./dev setup makes it"
  exit 77
fi
case $python in
  /*) ;;
  *) python=$PWD/$python ;;
esac
cd "$(dirname "$0")"
export PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=src
"$python" make_stubs.py
exec "$python" -m pytest -p no:cacheprovider "$@"
