#!/bin/sh
# Runs a command with a server of its own: with_server.sh POLYSTEPD COMMAND [ARG...]
# {server} in an argument becomes its address. The server is gone afterwards; its output is shown if
# the command fails.
set -eu
polystepd=$1
shift
scratch=$(mktemp -d)
server_pid=
finish() {
  status=$?
  trap - EXIT INT TERM
  if [ -n "$server_pid" ]; then
    kill "$server_pid" 2>/dev/null || true
    if ! wait "$server_pid" && [ "$status" -eq 0 ]; then
      echo "polystepd did not end cleanly" >&2
      status=1
    fi
  fi
  if [ "$status" -ne 0 ]; then
    echo "--- polystepd" >&2
    cat "$scratch/server.log" >&2 || true
  fi
  rm -rf "$scratch"
  exit "$status"
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# A named pipe: reading its first line waits for the server without polling.
mkfifo "$scratch/address"
"$polystepd" --listen 127.0.0.1:0 --data "$scratch/data" \
  >"$scratch/address" 2>"$scratch/server.log" &
server_pid=$!
# Held open for as long as we run, so that the server may go on writing.
exec 3<"$scratch/address"
read -r line <&3 || { echo "polystepd ended before it served" >&2; exit 1; }
server=${line#polystepd listening on }

count=$#
while [ "$count" -gt 0 ]; do
  argument=$(printf '%s' "$1" | sed -e "s|{server}|$server|g")
  shift
  set -- "$@" "$argument"
  count=$((count - 1))
done
"$@"
