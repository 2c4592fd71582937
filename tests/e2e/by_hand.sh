#!/bin/sh
# Completes a study with every command-line gRPC client there is: by_hand.sh FOLDER POLYSTEPD
# FOLDER is looked in first, then PATH.
set -eu
PATH=$1:$PATH
export PATH
polystepd=$2
here=$(dirname "$0")
ran=0
for name in buf grpcurl; do
  tool=$(command -v "$name") || continue
  echo "--- $tool"
  GRPC_TOOL=$tool "$here/with_server.sh" "$polystepd" \
    client/examples/by_hand/session.sh '{server}'
  ran=$((ran + 1))
done
if [ "$ran" -eq 0 ]; then
  echo "skipped: neither buf nor grpcurl in $1 or on PATH; ./dev setup installs buf"
  exit 77
fi
