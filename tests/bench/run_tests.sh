#!/bin/sh
# A Python bench's tests: run_tests.sh PYTHON FOLDER [PYTEST ARGUMENT...]
set -eu
python=$1
folder=$2
shift 2
if [ ! -x "$python" ]; then
  echo "skipped: there is no $python; ./dev setup makes it"
  exit 77
fi
cd "$folder"
PYTHONDONTWRITEBYTECODE=1 exec "$python" -m pytest -q -p no:cacheprovider "$@"
