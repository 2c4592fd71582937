#!/bin/sh
# Generates plain stubs into a scratch folder and completes a study with them:
#   stub_only.sh PYTHON POLYSTEPD
set -eu
python=$1 polystepd=$2
here=$(dirname "$0")
if [ ! -x "$python" ]; then
  echo "skipped: there is no $python; ./dev setup makes it"
  exit 77
fi
stubs=$(mktemp -d)
trap 'rm -rf "$stubs"' EXIT
"$python" -m grpc_tools.protoc -I proto --python_out="$stubs" --grpc_python_out="$stubs" \
  proto/polystep/v1/*.proto
"$here/with_server.sh" "$polystepd" "$python" "$here/stub_only/client.py" '{server}' "$stubs"
