#!/bin/bash
# polystep-nets as a user meets it, on a small data set, against a server: nets.sh BIN SERVER
set -u
bin=$1 server=$2
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch" || exit 1
failures=0

# expect NAME STATUS TEXT COMMAND...: the exit status, and TEXT in what it prints.
expect() {
  name=$1 wanted=$2 text=$3
  shift 3
  output=$(timeout 100 "$@" 2>&1)
  status=$?
  if [ "$status" -ne "$wanted" ] || [[ $output != *"$text"* ]]; then
    echo "FAILED $name: exit status $status (wanted $wanted), wanted \"$text\" in: ${output:0:2000}"
    failures=$((failures + 1))
  else
    echo "ok $name"
  fi
}
# accuracy FILE: on the test images, without its fraction.
accuracy() { sed -n 's/^test .*accuracy \([0-9]*\).*/\1/p' "$1"; }

# Ten classes of 6 x 6 images: a bright row or column at one of five places, and noise.
python3 - <<'PYTHON'
import os, random, struct
random.seed(1)
os.mkdir("data")
for name, count in (("train", 1200), ("t10k", 300)):
    labels = [random.randrange(10) for _ in range(count)]
    images = bytearray()
    for label in labels:
        for pixel in range(36):
            line = pixel // 6 if label < 5 else pixel % 6
            bright = line == label % 5
            images.append(random.randrange(150, 256) if bright else random.randrange(100))
    with open(f"data/{name}-images-idx3-ubyte", "wb") as file:
        file.write(struct.pack(">IIII", 0x803, count, 6, 6) + images)
    with open(f"data/{name}-labels-idx1-ubyte", "wb") as file:
        file.write(struct.pack(">II", 0x801, count) + bytes(labels))
PYTHON
common=(--data data --validation 200 --batch 128)
nets=(timeout 100 "$bin/polystep-nets" "${common[@]}")

for task in int8 argmax staircase mnist; do
  expect "$task" 0 "accuracy" "${nets[@]}" --task "$task" --evaluations 20000
done
expect blocks 0 "accuracy" "${nets[@]}" --task lif --method POLYSTEP_BLOCK --evaluations 20000

# Two processes share a study, the second joins the first's: what one process alone finds.
"${nets[@]}" --task lif --server "$server" --evaluations 100000 --slots 1 --lease 256 >first.out &
"${nets[@]}" --task lif --server "$server" --evaluations 100000 --slots 2 --lease 256 >second.out
wait
"${nets[@]}" --task lif --evaluations 100000 --slots 1 >alone.out
expect shared-is-the-same 0 "" cmp <(grep '^test' alone.out) <(grep '^test' second.out)
expect both-report-the-same 0 "" cmp <(grep '^test' first.out) <(grep '^test' second.out)
expect learns 0 "" test "$(accuracy alone.out)" -ge 30
expect eval 0 "$(grep '^test' second.out)" "${nets[@]}" --task lif --server "$server" --eval

# A process killed in the middle, and one that comes then, change nothing.
"${nets[@]}" --task lif --server "$server" --study killed --evaluations 100000 --slots 1 >killed.out &
"$bin/polystep-nets" "${common[@]}" --task lif --server "$server" --study killed \
  --evaluations 100000 --slots 1 >/dev/null &
victim=$!
for _ in $(seq 100); do
  grep -q 'validation loss' killed.out && break
  sleep 0.05
done
kill -KILL "$victim"
expect killed-in-the-middle 1 "" grep '^test' killed.out
"${nets[@]}" --task lif --server "$server" --study killed --evaluations 100000 --slots 2 >added.out
wait
expect killed-is-the-same 0 "" cmp <(grep '^test' alone.out) <(grep '^test' added.out)

# The server killed in the middle, and started again on its data, changes nothing.
serve() {  # ADDRESS: of which the port may be 0; sets `address` and `daemon`
  rm -f line
  mkfifo line
  "$bin/polystepd" --listen "$1" --data served >line 2>>served.log &
  daemon=$!
  exec 3<line
  read -r address <&3
  address=${address#polystepd listening on }
}
serve 127.0.0.1:0
"${nets[@]}" --task lif --server "$address" --evaluations 100000 --slots 1 >survived.out &
trainer=$!
for _ in $(seq 200); do
  grep -q 'validation loss' survived.out && break
  sleep 0.05
done
kill -KILL "$daemon"
wait "$daemon" 2>/dev/null
expect server-killed-in-the-middle 1 "" grep '^test' survived.out
serve "$address"
wait "$trainer"
expect server-killed-is-the-same 0 "" cmp <(grep '^test' alone.out) <(grep '^test' survived.out)
kill -TERM "$daemon"
wait "$daemon"

# SIGTERM, and the same study again, which goes on where it was.
"$bin/polystep-nets" "${common[@]}" --task mnist --server "$server" --study cut >cut.out &
trainer=$!
for _ in $(seq 100); do
  grep -q 'validation loss' cut.out && break
  sleep 0.1
done
kill -TERM "$trainer"
wait "$trainer"
expect sigterm-status 0 "" test $? -eq 0
expect sigterm-pauses 0 "PAUSED" cat cut.out
expect resumes 0 "accuracy" "${nets[@]}" --task mnist --server "$server" --study cut --time-limit 1

expect other-network 1 "is of 'mnist batch 128" "${nets[@]}" --task lif --server "$server" --study cut
expect other-batch 1 "give another --study" \
  "$bin/polystep-nets" --data data --validation 200 --task mnist --server "$server" --study cut
expect no-data 2 "cannot be read" "$bin/polystep-nets" --task lif --data nowhere
expect no-task 2 "task" "$bin/polystep-nets" --data data
expect no-method 2 "no method 'X'" "$bin/polystep-nets" --data data --task lif --method X
expect no-study 1 "" "${nets[@]}" --task lif --server "$server" --study nobody --eval

exit "$((failures > 0))"
