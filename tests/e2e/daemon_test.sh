#!/bin/bash
# The program polystepd as an operator meets it: daemon_test.sh POLYSTEPD POLYSTEP
set -u
polystepd=$1 polystep=$2
scratch=$(mktemp -d)
server_pid=
failures=0
finish() {
  [ -z "$server_pid" ] || kill -9 "$server_pid" 2>/dev/null
  rm -rf "$scratch"
}
trap finish EXIT

# expect NAME STATUS TEXT COMMAND...: the exit status, and TEXT in what it prints.
expect() {
  name=$1 wanted=$2 text=$3
  shift 3
  output=$(timeout 60 "$@" 2>&1)
  status=$?
  if [ "$status" -ne "$wanted" ]; then
    echo "FAILED $name: exit status $status, not $wanted: $output"
    failures=$((failures + 1))
  elif ! printf '%s' "$output" | grep -qF -e "$text"; then
    echo "FAILED $name: no \"$text\" in: $output"
    failures=$((failures + 1))
  else
    echo "ok $name"
  fi
}

# Starts a server on $scratch/data and sets server_pid and address.
start() {
  rm -f "$scratch/ready"
  mkfifo "$scratch/ready"
  "$polystepd" --listen 127.0.0.1:0 --data "$scratch/data" "$@" \
    >"$scratch/ready" 2>"$scratch/log" &
  server_pid=$!
  exec 3<"$scratch/ready"
  read -r line <&3 || { echo "FAILED start: $(cat "$scratch/log")"; exit 1; }
  address=${line#polystepd listening on }
}

# stop NAME SIGNAL...: sends them and expects status 0.
stop() {
  name=$1
  shift
  for signal in "$@"; do kill -s "$signal" "$server_pid"; done
  wait "$server_pid"
  status=$?
  server_pid=
  exec 3<&-
  if [ "$status" -ne 0 ]; then
    echo "FAILED $name: exit status $status: $(cat "$scratch/log")"
    failures=$((failures + 1))
  else
    echo "ok $name"
  fi
}

expect version 0 "polystepd " "$polystepd" --version
expect help 0 "--drain-seconds" "$polystepd" --help
expect unknown-flag 2 "--nonsense" "$polystepd" --nonsense
expect bad-listen 2 "HOST:PORT" "$polystepd" --listen nonsense
expect not-loopback 2 "--insecure" "$polystepd" --listen 0.0.0.0:0
expect bad-threads 2 "--threads" "$polystepd" --threads -1
expect no-waiters 2 "--max-waiters" "$polystepd" --max-waiters 0
expect few-waiters 0 "max-waiters=1 " "$polystepd" --max-waiters 1 --check-config
expect most-waiters 0 "max-waiters=1000000 " "$polystepd" --max-waiters 1000000 --check-config
expect too-many-waiters 2 "--max-waiters" "$polystepd" --max-waiters 1000001 --check-config
expect bad-environment 2 "--threads" env POLYSTEP_THREADS=many "$polystepd" --check-config
expect bad-format 2 "xml" "$polystepd" --log-format xml
expect check-config 0 "max-studies=7" env POLYSTEP_MAX_STUDIES=7 "$polystepd" --check-config
expect health-nobody 1 "127.0.0.1:1" "$polystepd" health --server 127.0.0.1:1 --timeout 1

touch "$scratch/file"
expect data-is-a-file 1 "$scratch/file" "$polystepd" --listen 127.0.0.1:0 --data "$scratch/file"

start --log-format json
expect health 0 "SERVING" "$polystepd" health --server "$address"
expect data-is-held 1 "$scratch/data" "$polystepd" --listen 127.0.0.1:0 --data "$scratch/data"
expect port-is-taken 1 "$address" "$polystepd" --listen "$address" --data "$scratch/other"
expect log-shows-options 0 '"message":"polystepd' head -n 1 "$scratch/log"
stop sigterm TERM
start
stop sigint INT
start
stop two-signals TERM TERM

# A store that cannot grow: the server ends with status 1 rather than go on.
cat >"$scratch/spec.json" <<'SPEC'
{"tensors": [{"name": "x", "shape": [20000]}]}
SPEC
ulimit -S -f 300
start --data "$scratch/full"
ulimit -S -f unlimited
for study in $(seq 1 100); do
  "$polystep" --server "$address" study create "s$study" --spec "$scratch/spec.json" \
    >"$scratch/out" 2>&1 || break
  [ "$study" -lt 100 ] || kill -9 "$server_pid"
done
wait "$server_pid"
expect store-fails 1 "the store failed, stopping" sh -c "cat '$scratch/log'; exit $?"
server_pid=
exec 3<&-

# The header of the database, spoilt.
printf 'garbage!' | dd of="$scratch/data/polystep.db" bs=1 conv=notrunc 2>/dev/null
expect corrupt-store 1 "$scratch/data" "$polystepd" --listen 127.0.0.1:0 --data "$scratch/data"

[ "$failures" -eq 0 ]
