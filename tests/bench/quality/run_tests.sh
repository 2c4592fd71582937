#!/bin/sh
# The bench's tests: run_tests.sh PYTHON [PYTEST ARGUMENT...]
set -eu
python=$1
shift
if [ ! -x "$python" ]; then
  echo "skipped: there is no $python; ./dev setup makes it"
  exit 77
fi
cd "$(dirname "$0")"
PYTHONDONTWRITEBYTECODE=1 exec "$python" -m pytest -q -p no:cacheprovider "$@"
