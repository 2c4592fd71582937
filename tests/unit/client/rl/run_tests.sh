#!/bin/sh
# Our environments against gymnasium's: run_tests.sh PYTHON [PYTEST ARGUMENT...]
set -eu
python=$1
shift
if [ ! -x "$python" ] || ! "$python" -c 'import gymnasium'; then
  echo "skipped: no gymnasium in $python; ./dev setup installs it"
  exit 77
fi
cd "$(dirname "$0")"
PYTHONDONTWRITEBYTECODE=1 exec "$python" -m pytest -q -p no:cacheprovider gymnasium_test.py "$@"
